/** What of Go's runtime the clock's overlay looks for, as Go has it. */
export const GO_RUNTIME = {
  'time_nofake.go': 'func nanotime() int64 {\n\treturn nanotime1()\n}\n',
  'timeasm.go': '//go:linkname time_now time.now\nfunc time_now() (sec int64, nsec int32, mono int64)\n',
  'timestub.go': '//go:linkname time_now time.now\nfunc time_now() (sec int64, nsec int32, mono int64) {\n}\n',
  'time_linux_amd64.s': 'TEXT time·now<ABIInternal>(SB),NOSPLIT,$16-24\n',
  'os_linux.go': 'func goenvs() {\n\tgoenvs_unix()\n}\n',
} as const;
