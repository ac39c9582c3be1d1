import { RecentValues } from "./age.js";
import { element, icon, setText } from "./dom.js";
import { milliseconds } from "./format.js";

const signalLost = 2000; // ms without a picture
const late = 150; // ms of age: no longer "live" for somebody who drives
const old = 500;

const icons = {
  save: "M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 20h14",
  alone: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
};

/**
 * One stream on a canvas: the newest picture that has come, and nothing older. While one is decoded, the next waits in a
 * single place; a newer one takes that place. The age is that of the picture when it is drawn.
 */
export class PictureView {
  #next = null;
  #decoding = false;
  #counts = { frames: 0, skipped: 0, broken: 0 };
  #ages = new RecentValues(1000);
  #draws = new RecentValues(2000);
  #lastDrawn = performance.now();
  #lastStamp = NaN;
  #stamped = true;

  constructor(stream, clock, { onAlone }) {
    this.clock = clock;
    this.stream = stream;
    const name = encodeURIComponent(stream.name);
    this.canvas = element("canvas", { width: 640, height: 480, dataset: { stream: stream.name } });
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", `Live picture of ${stream.name}`);
    this.context = this.canvas.getContext("2d", { alpha: false, desynchronized: true });
    this.age = element("span", { className: "tag age", title: "From the capture of the picture until it is drawn here" });
    this.size = element("span", { className: "tag size" });
    this.noSignalFor = element("span");
    const save = element("a", { href: `/streams/${name}.jpg`, download: `${stream.name}.jpg`, title: "Save this picture" },
      icon(icons.save));
    save.setAttribute("aria-label", `Save a picture of ${stream.name}`);
    this.alone = element("button", { type: "button", title: "This picture alone, or all", onclick: () => onAlone(this) },
      icon(icons.alone));
    this.alone.setAttribute("aria-label", `Show ${stream.name} alone, or all`);
    this.figure = element("figure", { className: "picture", dataset: { signal: "waiting", late: "unknown" } },
      this.canvas,
      element("div", { className: "no-signal" }, element("strong", {}, "no signal"), this.noSignalFor),
      element("figcaption", {}, element("span", { className: "tag stream" }, stream.name), this.age, this.size,
        element("span", { className: "tools" }, this.alone, save)));
    this.show();
  }

  receive(message) {
    if (this.#next) this.#counts.skipped++;
    this.#next = message;
    if (!this.#decoding) this.#decodeAll();
  }

  async #decodeAll() {
    this.#decoding = true;
    while (this.#next) {
      const message = this.#next;
      this.#next = null;
      try {
        const picture = await createImageBitmap(new Blob([message.payload], { type: "image/jpeg" }));
        this.#draw(picture, message);
        picture.close();
      } catch {
        this.#counts.broken++; // one that cannot be decoded is a lost one: the next may be good
      }
    }
    this.#decoding = false;
  }

  #draw(picture, message) {
    const { canvas } = this;
    if (canvas.width !== picture.width || canvas.height !== picture.height) {
      canvas.width = picture.width;
      canvas.height = picture.height;
    }
    this.context.drawImage(picture, 0, 0);
    const now = performance.now();
    this.#stamped = Number.isFinite(message.captured);
    this.#lastStamp = this.#stamped ? message.captured : message.sent;
    const age = this.clock.now() - this.#lastStamp;
    if (Number.isFinite(age)) this.#ages.add(now, age);
    this.#draws.add(now, 1);
    this.#lastDrawn = now;
    this.#counts.frames++;
    Object.assign(canvas.dataset, {
      frames: this.#counts.frames,
      sequence: message.sequence,
      ageMs: age.toFixed(2),
      skipped: this.#counts.skipped,
      broken: this.#counts.broken,
    });
    canvas.dispatchEvent(new CustomEvent("picture", { detail: { age, stamp: this.#lastStamp, sequence: message.sequence } }));
  }

  /** What stands over the picture; a few times a second. */
  show() {
    const now = performance.now();
    const quiet = now - this.#lastDrawn;
    const gone = quiet > signalLost;
    this.figure.dataset.signal = gone ? "none" : this.#counts.frames ? "live" : "waiting";
    if (gone) {
      setText(this.noSignalFor, this.#counts.frames ? `for ${Math.round(quiet / 1000)} s` : "no picture has come yet");
      setText(this.age, "no signal");
      this.figure.dataset.late = "old";
      this.canvas.dataset.fps = 0;
      return;
    }
    // Between pictures the shown one gets older: seen as soon as that is more than the usual distance.
    const median = this.#ages.median(now);
    const age = Number.isFinite(median) && quiet < 300 ? median : this.clock.now() - this.#lastStamp;
    const fps = this.#draws.rate(now);
    this.canvas.dataset.fps = fps.toFixed(1);
    if (!this.#counts.frames) setText(this.age, "waiting");
    else setText(this.age, `${this.#stamped ? "" : "≥ "}${milliseconds(age)} · ${fps.toFixed(1)} fps`);
    this.figure.dataset.late = !Number.isFinite(age) ? "unknown" : age > old ? "old" : age > late ? "late" : "live";
    if (this.#counts.frames) setText(this.size, `${this.canvas.width} × ${this.canvas.height}`);
  }
}
