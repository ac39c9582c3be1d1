import { byId, element, icon, setText } from "./dom.js";
import { channelsOf, kinds, Media } from "./media.js";

const icons = {
  muted: "M4 9v6h4l5 4V5L8 9H4zM17 9l4 6M21 9l-4 6",
  loud: "M4 9v6h4l5 4V5L8 9H4zM16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11",
};
const quietest = -60; // dB, the left end of the meter

let audio = null;

/** One for the page. Browsers start it in the course of a click only, so before anything is waited for. */
function startAudio() {
  audio ??= new AudioContext({ latencyHint: "interactive" });
  audio.resume();
  return audio;
}

/** One stream: muted until asked, then over a media connection of its own, so that it never waits behind pictures. */
class SoundStream {
  #output = null;
  #media = new Media("audio", (message) => this.#play(message));
  #blocks = 0;
  #shown = 0; // of the meter, from 0 to 1
  #hold = 0;
  #format = "";
  #age = NaN;

  constructor(name, clock) {
    this.name = name;
    this.clock = clock;
    this.button = element("button", { type: "button", onclick: () => this.#toggle() });
    this.note = element("span", { className: "muted number" });
    this.meter = element("canvas", { className: "meter", width: 400, height: 12 });
    this.meter.setAttribute("role", "meter");
    this.meter.setAttribute("aria-label", `Level of ${name}`);
    this.row = element("div", { className: "sound-stream", dataset: { sound: name, level: 0 } }, this.button,
      element("div", { className: "sound-head" }, element("strong", {}, name), this.note), this.meter);
    this.#label();
    this.#draw(0);
  }

  end() {
    this.#media.follow([]);
    this.#output?.close();
    this.#output = null;
    this.row.remove();
  }

  /** The connection is gone, or back. */
  pause(paused) {
    if (this.#output) this.#media.follow(paused ? [] : [this.name]);
  }

  async #toggle() {
    if (this.#output) {
      this.#media.follow([]);
      this.#output.close();
      this.#output = null;
      this.#label();
      this.#draw(0);
      return;
    }
    this.button.disabled = true;
    const context = startAudio();
    try {
      const { SoundOutput } = await import("./sound_output.js");
      this.#output = await SoundOutput.open(context, (report) => this.#report(report));
      this.#media.follow([this.name]);
    } catch (error) {
      setText(this.note, `no sound here: ${error.message}`);
    }
    this.button.disabled = false;
    this.#label();
  }

  #label() {
    const on = this.#output !== null;
    this.button.replaceChildren(icon(on ? icons.loud : icons.muted), on ? "Mute" : "Listen");
    this.button.setAttribute("aria-pressed", String(on));
    this.row.dataset.state = on ? "on" : "muted";
    if (on) this.row.dataset.way = this.#output.way;
    else setText(this.note, "muted");
  }

  #play(message) {
    if (!this.#output || (message.kind !== kinds.s16 && message.kind !== kinds.f32) || !message.channels) return;
    this.#format = `${message.rate / 1000} kHz`;
    this.#age = this.clock.now() - message.captured;
    const channels = channelsOf(message);
    if (channels[0].length) this.#output.push(message.rate, channels);
    this.row.dataset.blocks = ++this.#blocks;
  }

  #report({ level, peak, underruns, skips, playing }) {
    if (!this.#output) return;
    Object.assign(this.row.dataset, { level: peak.toFixed(4), bufferMs: level.toFixed(1), underruns, skips });
    const gaps = underruns + skips;
    const said = [
      Number.isFinite(this.#age) ? `${Math.round(this.#age + level + this.#output.delay)} ms` : "",
      gaps ? `${gaps} ${gaps === 1 ? "gap" : "gaps"}` : "",
      this.#format,
    ];
    setText(this.note, playing ? said.filter(Boolean).join(" · ") : "no sound comes");
    this.#draw(peak);
  }

  #draw(peak) {
    const wanted = peak > 0 ? Math.max(0, 1 - (20 * Math.log10(peak)) / quietest) : 0;
    this.#shown = Math.max(wanted, this.#shown - 0.03);
    this.#hold = Math.max(wanted, this.#hold - 0.006);
    const { width, height } = this.meter;
    const context = this.meter.getContext("2d");
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    context.clearRect(0, 0, width, height);
    const parts = 50;
    for (let i = 0; i < parts; ++i) {
      const at = (i + 1) / parts;
      const lit = at <= this.#shown;
      context.fillStyle = !lit ? colour("--line") : at > 0.95 ? colour("--bad") : at > 0.8 ? colour("--warn") : colour("--good");
      context.fillRect((i * width) / parts, 0, width / parts - 2, height);
    }
    if (this.#hold > 0.02) {
      context.fillStyle = colour("--text");
      context.fillRect(Math.min(width - 2, this.#hold * width), 0, 2, height);
    }
    this.meter.setAttribute("aria-valuenow", Math.round(this.#shown * 100));
  }
}

/** The sound of all audio streams. */
export class Sound {
  #streams = new Map();

  constructor(connection) {
    this.panel = byId("sound");
    this.list = this.panel.querySelector(".sound-list");
    connection.listen("hello", (hello) => {
      const names = hello.streams.filter((each) => each.kind === "audio").map((each) => each.name);
      for (const [name, stream] of this.#streams) {
        if (names.includes(name)) continue;
        stream.end();
        this.#streams.delete(name);
      }
      for (const name of names) {
        if (this.#streams.has(name)) continue;
        const stream = new SoundStream(name, connection.clock);
        this.#streams.set(name, stream);
        this.list.append(stream.row);
      }
      this.panel.hidden = names.length === 0;
      document.querySelector("main").classList.toggle("has-sound", names.length > 0);
      this.#streams.forEach((stream) => stream.pause(false));
    });
    connection.listen("closed", () => this.#streams.forEach((stream) => stream.pause(true)));
  }
}
