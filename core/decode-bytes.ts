/** The bytes cannot be decoded. The message says what they are and what to do; it follows a file's name. */
export class TextEncodingError extends Error {
  override readonly name = "TextEncodingError";
}

/** How many bytes it takes to tell the encoding. */
const SNIFFED = 4;

/** Byte order marks, longest first, because UTF-32's begins like UTF-16's. */
const BYTE_ORDER_MARKS: readonly {
  readonly bytes: readonly number[];
  readonly encoding: string;
  readonly isRead: boolean;
}[] = [
  { bytes: [0xff, 0xfe, 0, 0], encoding: "utf-32", isRead: false },
  { bytes: [0, 0, 0xfe, 0xff], encoding: "utf-32", isRead: false },
  { bytes: [0xff, 0xfe], encoding: "utf-16le", isRead: true },
  { bytes: [0xfe, 0xff], encoding: "utf-16be", isRead: true },
];

/**
 * Decodes a whole text: UTF-8, with or without a byte order mark, or UTF-16 with one, as PowerShell's `>` writes it. The
 * mark is not part of the text.
 *
 * @throws TextEncodingError for everything else.
 */
export function decodeBytes(bytes: Uint8Array): string {
  const decode = createDecoder(bytes.subarray(0, SNIFFED));
  return decode(bytes, false);
}

/** {@link decodeBytes} for a stream: its text, piece by piece. */
export async function* decodeStream(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  let beginning: Buffer = Buffer.alloc(0);
  let decode: ReturnType<typeof createDecoder> | undefined;
  for await (const chunk of stream) {
    // A stream with an encoding set yields strings. Encoded again, they are read like any other input.
    let bytes: Uint8Array = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    if (!decode) {
      bytes = beginning = Buffer.concat([beginning, bytes]);
      if (beginning.length < SNIFFED) continue;
      decode = createDecoder(beginning.subarray(0, SNIFFED));
    }
    yield decode(bytes, true);
  }
  yield decode ? decode(new Uint8Array(), false) : createDecoder(beginning)(beginning, false);
}

function createDecoder(beginning: Uint8Array): (bytes: Uint8Array, isMore: boolean) => string {
  const mark = BYTE_ORDER_MARKS.find(({ bytes }) => bytes.every((byte, index) => beginning[index] === byte));
  const encoding = mark?.encoding ?? "utf-8";
  if (mark?.isRead === false) throw new TextEncodingError(`it is ${encoding.toUpperCase()}. ${SAVE}`);
  // Text never begins with NUL, and JSON and YAML never have one as their second character.
  if (!mark && beginning.subarray(0, 2).includes(0)) {
    throw new TextEncodingError(`it is UTF-16 or UTF-32 without a byte order mark, or not text at all. ${SAVE}`);
  }
  if (beginning[0] === 0x1f && beginning[1] === 0x8b) {
    throw new TextEncodingError("it is compressed (gzip). Unpack it first.");
  }
  const decoder = new TextDecoder(encoding, { fatal: true });
  return (bytes, isMore) => {
    try {
      return decoder.decode(bytes, { stream: isMore });
    } catch {
      throw new TextEncodingError(`it is not valid ${encoding.toUpperCase()}. ${SAVE}`);
    }
  };
}

const SAVE = "Save it as UTF-8.";
