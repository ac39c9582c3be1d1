import { byId } from "./dom.js";
import { kinds, Media } from "./media.js";
import { PictureView } from "./picture_view.js";

/** The pictures of all image streams, over one media connection. A page that nobody sees takes no pictures. */
export class Pictures {
  #views = new Map(); // by the stream's name
  #byNumber = new Map();
  #media = new Media("image", (message) => {
    if (message.kind === kinds.jpeg) this.#byNumber.get(message.stream)?.receive(message);
  });

  constructor(connection) {
    this.connection = connection;
    this.panel = byId("pictures");
    this.stage = this.panel.querySelector(".stage");
    connection.listen("hello", (hello) => this.#take(hello.streams.filter((each) => each.kind === "image")));
    connection.listen("closed", () => this.#media.follow([])); // what is dead may not have said so
    document.addEventListener("visibilitychange", () => this.#follow());
    setInterval(() => this.#views.forEach((view) => view.show()), 250);
  }

  #take(streams) {
    const names = new Set(streams.map((each) => each.name));
    for (const [name, view] of this.#views) {
      if (names.has(name)) continue;
      view.figure.remove();
      this.#views.delete(name);
    }
    this.#byNumber.clear();
    for (const stream of streams) {
      let view = this.#views.get(stream.name);
      if (!view) {
        view = new PictureView(stream, this.connection.clock, { onAlone: (each) => this.#showAlone(each) });
        this.#views.set(stream.name, view);
        this.stage.append(view.figure);
      }
      this.#byNumber.set(stream.id, view);
    }
    const count = this.#views.size;
    this.stage.dataset.count = count > 4 ? "many" : count;
    this.panel.toggleAttribute("data-empty", count === 0);
    for (const view of this.#views.values()) view.alone.hidden = count < 2;
    this.#follow();
  }

  #follow() {
    this.#media.follow(document.visibilityState === "hidden" ? [] : [...this.#views.keys()]);
  }

  #showAlone(chosen) {
    const alone = !chosen.figure.classList.contains("alone");
    for (const view of this.#views.values()) view.figure.classList.toggle("alone", alone && view === chosen);
  }
}
