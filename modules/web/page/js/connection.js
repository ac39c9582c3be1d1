import { ServerClock } from "./server_clock.js";
import { Socket } from "./socket.js";

const clockFirst = 100; // ms between the first questions for the time ...
const clockUsual = 1500; // ... and the later ones, which also show that the other end is there
const firstQuestions = 6;
const silence = 4000; // ms without a word, after which a connection is dead, whatever TCP still hopes

/**
 * The control connection: messages by type to whom they interest, the server's clock, and a state, "connecting", "live"
 * or "lost", that everybody may show.
 */
export class Connection {
  #listeners = new Map();
  #socket;
  #questions = 0;
  #timer = 0;
  #heard = 0;
  #retryAt = 0;

  constructor(path = "/ws/control") {
    this.clock = new ServerClock();
    this.state = "connecting";
    this.hello = null;
    this.#socket = new Socket(path, {
      onOpen: () => this.#opened(),
      onMessage: (data) => this.#received(data),
      onClosed: (wait) => this.#closed(wait),
    });
  }

  open() {
    this.#socket.open();
    setInterval(() => this.#watch(), 500);
    addEventListener("online", () => this.retry());
  }

  retry() {
    this.#socket.retry();
  }

  /** `listen("chat", message => ...)`; "state" is the connection's own. */
  listen(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, []);
    this.#listeners.get(type).push(listener);
  }

  send(message) {
    return this.#socket.send(JSON.stringify(message));
  }

  /** For what is worthless when it is late: nothing is sent while something still waits to leave. */
  sendNow(message) {
    return this.#socket.waiting < 2048 && this.send(message);
  }

  /** Seconds until the next try, while the connection is lost. */
  get retryIn() {
    return Math.max(0, (this.#retryAt - performance.now()) / 1000);
  }

  #tell(type, message) {
    for (const listener of this.#listeners.get(type) ?? []) listener(message);
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.#tell("state", state);
  }

  #opened() {
    this.clock.reset();
    this.#questions = 0;
    this.#heard = performance.now();
    this.#ask();
  }

  #closed(wait) {
    clearTimeout(this.#timer);
    this.#retryAt = performance.now() + wait;
    this.#become("lost");
    this.#tell("closed", wait);
  }

  #received(data) {
    this.#heard = performance.now();
    if (typeof data !== "string") return;
    const message = JSON.parse(data);
    if (message.type === "clock") this.clock.add(message.t0, message.t1, message.t2);
    if (message.type === "hello") {
      this.hello = message;
      this.#tell("hello", message);
      this.#become("live");
      return;
    }
    this.#tell(message.type, message);
  }

  #ask() {
    clearTimeout(this.#timer);
    this.send({ type: "clock", t0: performance.now() });
    this.#timer = setTimeout(() => this.#ask(), ++this.#questions < firstQuestions ? clockFirst : clockUsual);
  }

  #watch() {
    if (this.#socket.isOpen && performance.now() - this.#heard > silence) this.#socket.giveUp();
  }
}
