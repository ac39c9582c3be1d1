import { Backoff } from "./backoff.js";

/**
 * A WebSocket that comes back. `onOpen()`, `onMessage(data)`, `onClosed(waitMs)`; what it is asked to send while it is not
 * open is dropped. A socket that is given up is forgotten at once: its closing may take as long as its network does.
 */
export class Socket {
  #socket = null;
  #timer = 0;
  #wanted = false;
  #backoff = new Backoff();

  constructor(path, { onOpen = () => {}, onMessage, onClosed = () => {} }) {
    this.path = path;
    this.onOpen = onOpen;
    this.onMessage = onMessage;
    this.onClosed = onClosed;
  }

  open() {
    this.#wanted = true;
    if (!this.#socket) this.#dial();
  }

  close() {
    this.#wanted = false;
    this.#forget();
  }

  /** Gives up what there is and tries at once. */
  retry() {
    if (!this.#wanted) return;
    this.#forget();
    this.#backoff.reset();
    this.#dial();
  }

  /** Gives up what there is and tries after the usual wait. */
  giveUp() {
    if (!this.#socket) return;
    this.#forget();
    this.#waitAndDial();
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Bytes that have not left yet. */
  get waiting() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  send(text) {
    if (!this.isOpen) return false;
    this.#socket.send(text);
    return true;
  }

  #dial() {
    clearTimeout(this.#timer);
    const url = new URL(this.path, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => this.onOpen();
    socket.onmessage = (event) => {
      this.#backoff.reset(); // an opening alone proves little: a server may refuse behind it
      this.onMessage(event.data);
    };
    socket.onclose = () => {
      this.#forget();
      if (this.#wanted) this.#waitAndDial();
    };
  }

  #waitAndDial() {
    const wait = this.#backoff.next();
    this.#timer = setTimeout(() => this.#dial(), wait);
    this.onClosed(wait);
  }

  #forget() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
