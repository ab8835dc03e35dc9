/** True for a body that may be one JSON value: by its content type, `text/plain`, or no type at all. Not lines of JSON, not events, not gRPC. */
export function mayBeJson(contentType: string | undefined): boolean {
  const type = (contentType?.split(';', 1)[0] ?? '').trim().toLowerCase();
  return type === '' || type === 'text/plain' || /[/+](?:x-)?json$/.test(type);
}
