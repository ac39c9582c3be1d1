import { Socket } from "./socket.js";

/// What /ws/media carries: a head of 32 bytes, little endian, and a picture or a block of sound.

export const kinds = { jpeg: 1, s16: 2, f32: 3 };
const headBytes = 32;

/** Null where the bytes are no such message. `payload` is a view, not a copy. */
export function parseMedia(buffer) {
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < headBytes) return null;
  const head = new DataView(buffer);
  if (head.getUint8(0) !== 1) return null;
  const format = head.getUint32(4, true);
  return {
    kind: head.getUint8(1),
    stream: head.getUint16(2, true),
    rate: format & 0xffffff,
    channels: format >>> 24,
    sequence: Number(head.getBigUint64(8, true)),
    captured: head.getFloat64(16, true),
    sent: head.getFloat64(24, true),
    payload: new Uint8Array(buffer, headBytes),
  };
}

/** Interleaved samples as one Float32Array for each channel, from -1 to 1. */
export function channelsOf({ kind, channels, payload }) {
  const width = kind === kinds.f32 ? 4 : 2;
  const frames = channels ? Math.floor(payload.byteLength / (width * channels)) : 0;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const all = Array.from({ length: channels }, () => new Float32Array(frames));
  for (let frame = 0, at = 0; frame < frames; ++frame) {
    for (let channel = 0; channel < channels; ++channel, at += width) {
      all[channel][frame] = width === 4 ? view.getFloat32(at, true) : view.getInt16(at, true) / 32768;
    }
  }
  return all;
}

/** A media connection for some streams, by their names; it comes back by itself. */
export class Media {
  #socket = null;
  #names = "";

  /** `kind`: "image" or "audio", since a picture and a sound may have one name. */
  constructor(kind, onMessage) {
    this.kind = kind;
    this.onMessage = onMessage;
  }

  /** Follows these streams; the same ones again change nothing. */
  follow(names) {
    const list = names.map(encodeURIComponent).join(",");
    if (list === this.#names) return;
    this.#names = list;
    this.#socket?.close();
    this.#socket = null;
    if (!list) return;
    this.#socket = new Socket(`/ws/media?streams=${list}&kind=${this.kind}`, {
      onMessage: (data) => {
        const message = parseMedia(data);
        if (message) this.onMessage(message);
      },
    });
    this.#socket.open();
  }
}
