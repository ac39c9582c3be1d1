import { byId } from "./dom.js";

byId("wrong").hidden = location.search !== "?wrong";
