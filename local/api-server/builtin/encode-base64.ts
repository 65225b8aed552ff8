// Base64 of a text's UTF-8 bytes, without Node's Buffer.

/** String.fromCharCode takes so many arguments safely. */
const chunkBytes = 0x8000;

export function encodeBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let letters = '';
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    letters += String.fromCharCode(...bytes.subarray(at, at + chunkBytes));
  }
  return btoa(letters);
}
