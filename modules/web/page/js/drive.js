import { byId, setText } from "./dom.js";
import { Joystick } from "./joystick.js";
import { HeldKeys } from "./keys.js";
import { recall, remember } from "./views.js";

const period = 50; // ms between commands

/**
 * The driving pad. While this page operates it sends a command 20 times a second, zeros when nothing is held; what it
 * cannot send at once it never sends. Losing the focus, the view or the connection lets everything go. The robot's own
 * stop does not depend on any of this: the host gives it when commands stay out.
 */
export class Drive {
  #keys = new HeldKeys();
  #operating = false;
  #stopping = false;
  #timer = 0;
  #sent = 0;
  #operator = { name: null, session: null };

  constructor(connection) {
    this.connection = connection;
    this.panel = byId("drive");
    this.speed = byId("speed");
    this.speed.value = recall("speed") ?? 50;
    this.joystick = new Joystick(byId("pad"), { mayGrab: () => this.#operating, onChange: () => this.#show(), onLetGo: () => this.#moved() });
    this.speed.addEventListener("input", () => this.#showSpeed());
    byId("operate").addEventListener("click", () => this.#operateOrNot());
    byId("stop").addEventListener("click", () => this.#stop());
    addEventListener("keydown", (event) => this.#keyDown(event));
    addEventListener("keyup", (event) => this.#keyUp(event));
    addEventListener("blur", () => this.#letGo());
    document.addEventListener("visibilitychange", () => this.#visibility());
    connection.listen("hello", (hello) => this.#take(hello));
    connection.listen("operator", (message) => this.#operatorIs(message));
    connection.listen("closed", () => this.#operatorIs({ name: null, session: null, you: false }));
    this.#showSpeed();
  }

  #take(hello) {
    this.panel.hidden = !hello.can_drive;
    document.querySelector("main").classList.toggle("has-drive", hello.can_drive);
    this.session = hello.session;
  }

  #operatorIs(message) {
    this.#operator = message;
    this.#operating = Boolean(message.you);
    this.panel.toggleAttribute("data-operating", this.#operating);
    const taken = message.session !== null && message.session !== undefined;
    byId("operate").textContent = this.#operating ? "Hand over" : taken ? "Take over" : "Take control";
    byId("operate").classList.toggle("primary", !this.#operating);
    byId("stop").disabled = !this.#operating;
    setText(byId("operator"), this.#operating ? "you drive" : taken ? `${message.name || "another page"} drives` : "nobody drives");
    if (this.#operating) this.#start();
    else this.#end();
  }

  #operateOrNot() {
    if (this.#operating) {
      this.#letGo();
      this.connection.send({ type: "operate", take: false });
      return;
    }
    const force = this.#operator.session !== null && this.#operator.session !== undefined;
    this.connection.send(force ? { type: "operate", take: true, force } : { type: "operate", take: true });
    byId("pad").focus({ preventScroll: true });
  }

  #start() {
    if (!this.#timer) this.#timer = setInterval(() => this.#send(), period);
  }

  #end() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#keys.releaseAll();
    if (this.joystick.held) this.joystick.letGo();
    this.#show();
  }

  get #direction() {
    const { x, y } = this.joystick.held ? this.joystick.direction : this.#keys.direction;
    const speed = this.speed.value / 100;
    return { x: round(x * speed), y: round(y * speed) };
  }

  #send() {
    if (!this.#operating) return;
    const value = this.#direction;
    if (this.#keys.names.length) value.keys = this.#keys.names;
    if (this.#stopping) Object.assign(value, { x: 0, y: 0, stop: true });
    if (this.connection.sendNow({ type: "command", time: this.connection.clock.now(), value })) {
      this.#stopping = false;
      this.panel.dataset.sent = ++this.#sent;
    }
  }

  #stop() {
    this.#keys.releaseAll();
    if (this.joystick.held) this.joystick.letGo();
    this.#stopping = true;
    this.#moved();
  }

  #letGo() {
    if (!this.#operating) return;
    this.#keys.releaseAll();
    if (this.joystick.held) this.joystick.letGo();
    this.#moved();
  }

  /** Timers of a hidden page crawl: it says zero once, and then nothing, which the host takes for what it is. */
  #visibility() {
    if (document.visibilityState === "hidden") {
      this.#letGo();
      clearInterval(this.#timer);
      this.#timer = 0;
    } else if (this.#operating) {
      this.#start();
    }
  }

  #keyDown(event) {
    if (!this.#operating || event.ctrlKey || event.metaKey || event.altKey || belongsTo(event.target, event.code)) return;
    if (event.code === "Space") {
      if (!event.repeat) this.#stop();
      event.preventDefault(); // no click on the focused button, no scrolling
    } else if (this.#keys.press(event.code)) {
      event.preventDefault();
      if (!event.repeat) this.#moved();
    }
  }

  #keyUp(event) {
    if (this.#keys.release(event.code)) this.#moved();
  }

  /** Another direction is said at once; the steady ones go on in between. */
  #moved() {
    this.#show();
    this.#send();
  }

  #show() {
    const { x, y } = this.#direction;
    const shown = this.joystick.held ? this.joystick.direction : this.#keys.direction;
    byId("knob").style.transform = `translate(${shown.x * 41}px, ${-shown.y * 41}px)`;
    this.panel.toggleAttribute("data-moving", x !== 0 || y !== 0);
    setText(byId("axis-x"), x.toFixed(2));
    setText(byId("axis-y"), y.toFixed(2));
  }

  #showSpeed() {
    setText(byId("speed-value"), `${this.speed.value} %`);
    remember("speed", this.speed.value);
    this.#show();
  }
}

const round = (value) => Math.round(value * 1000) / 1000 + 0; // + 0: no minus zero

/** Whether the key is for what has the focus: a field takes all of them, a slider the arrows. */
function belongsTo(target, code) {
  if (target instanceof HTMLTextAreaElement) return true;
  if (!(target instanceof HTMLInputElement) || target.type === "checkbox") return false;
  return target.type !== "range" || code.startsWith("Arrow");
}
