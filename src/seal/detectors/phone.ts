import { glanced, type Span } from './detector.ts';

/** Assigned country calling codes (ITU-T E.164, list of assigned codes): those of three digits, and zones with shorter ones. */
const LONG_CODES = new Set(
  (
    '211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 247 ' +
    '248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 350 351 352 353 354 355 ' +
    '356 357 358 359 370 371 372 373 374 375 376 377 378 380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 ' +
    '508 509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 ' +
    '692 800 808 850 852 853 855 856 870 878 880 881 882 883 886 888 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 ' +
    '977 979 992 993 994 995 996 998'
  ).split(' '),
);
const SHORT_CODES = /^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

// `+49 30 901820`, `+1 (212) 555-0100`. An exponent (`1e+10`) or an offset of time (`12:00+0200`) has a letter or digit before its plus.
const NUMBER = /(?<![\w+:.)-])\+[1-9](?:[ ./()-]{0,2}\d){6,16}(?!\w)/g;

/**
 * Telephone numbers in international format: a plus, an assigned country code, 8 to 15 digits (E.164). National formats look like any
 * other number. The shape is enough: a library's tables of all numbering plans would weigh more than the rest of Loop.
 */
export const phone = glanced('phone', (text) => text.includes('+'), find);

export function isPhone(value: string): boolean {
  const [span] = find(value);
  return span?.start === 0 && span.end === value.length;
}

function* find(text: string): Generator<Span> {
  for (const { 0: number, index } of text.matchAll(NUMBER)) {
    const digits = number.replace(/\D/g, '');
    if (digits.length >= 8 && digits.length <= 15 && hasCountry(digits))
      yield { start: index, end: index + number.length };
  }
}

function hasCountry(digits: string): boolean {
  return SHORT_CODES.test(digits) || LONG_CODES.has(digits.slice(0, 3));
}
