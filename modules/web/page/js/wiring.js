import { byId, setText } from "./dom.js";
import { GraphRates, troubles } from "./graph_rates.js";

const lookEvery = 5000; // ms: while the graph is not shown, only whether all is well

/**
 * The running graph, what is known of its parts, and the number of troubles at the button that leads here. What draws it
 * is fetched when it is first shown.
 */
export class Wiring {
  #rates = new GraphRates();
  #shown = false;
  #last = null;
  #view = null;
  #details = null;

  constructor(connection) {
    this.connection = connection;
    connection.listen("state", (state) => {
      if (state !== "live") return;
      this.#rates = new GraphRates();
      this.#watch();
      this.#look();
    });
    connection.listen("graph", (graph) => this.#take(graph));
    document.addEventListener("visibilitychange", () => this.#watch());
    setInterval(() => this.#look(), lookEvery);
  }

  async show(shown) {
    this.#shown = shown;
    this.#watch();
    if (!shown) return;
    const [{ GraphView }, { Details }] = await Promise.all([import("./graph_view.js"), import("./details.js")]);
    this.#view ??= new GraphView(byId("graph"), (chosen) => this.#choose(chosen));
    this.#details ??= new Details(this.connection, () => this.#choose(null));
    this.#draw();
  }

  #watch() {
    this.connection.send({ type: "watch", graph: this.#shown && document.visibilityState === "visible" });
  }

  async #look() {
    if (this.#shown || document.visibilityState === "hidden" || this.connection.state !== "live") return;
    const answer = await fetch("/graph.json").catch(() => null);
    if (answer?.ok) this.#take(await answer.json());
  }

  #choose(chosen) {
    this.#view.select(chosen?.id ?? null);
    this.#details.choose(chosen);
    this.#draw();
  }

  #take(graph) {
    this.#last = { graph, described: this.#rates.add(graph) };
    const count = troubles(graph, this.#last.described);
    const badge = byId("trouble");
    badge.hidden = count === 0;
    setText(badge, String(count));
    badge.title = count === 1 ? "1 instance or link is in trouble" : `${count} instances or links are in trouble`;
    this.#draw();
  }

  #draw() {
    if (!this.#shown || !this.#view || !this.#last) return;
    const { graph, described } = this.#last;
    setText(byId("wiring-note"), `${graph.instances.length} instances, ${graph.links.length} links`);
    this.#view.update(graph, described);
    this.#details.update(graph, described);
  }
}
