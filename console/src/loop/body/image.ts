/** What a browser may be given as an image: by its first bytes, never by what it says it is. No SVG: that is a document with scripts. */
const SIGNATURES: readonly { readonly type: ImageType; readonly at: readonly (readonly [number, string])[] }[] = [
  { type: 'image/png', at: [[0, '\x89PNG\r\n\x1a\n']] },
  { type: 'image/jpeg', at: [[0, '\xff\xd8\xff']] },
  { type: 'image/gif', at: [[0, 'GIF8']] },
  {
    type: 'image/webp',
    at: [
      [0, 'RIFF'],
      [8, 'WEBP'],
    ],
  },
];

export type ImageType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';

export function imageType(bytes: Uint8Array): ImageType | undefined {
  return SIGNATURES.find(({ at }) => at.every(([offset, text]) => stands(bytes, offset, text)))?.type;
}

function stands(bytes: Uint8Array, offset: number, text: string): boolean {
  return Array.from(text).every((char, index) => bytes[offset + index] === char.charCodeAt(0));
}
