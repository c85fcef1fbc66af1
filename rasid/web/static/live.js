// Articles from the server: pages of the list, one article, and the stream. Filters are the same for all of them.

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/** A fault the server told in RFC 9457 form, or that it was not reached (`status` 0). */
export class Fault extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function get(path) {
  let answer;
  try {
    answer = await fetch(path, { headers: { accept: "application/json" } });
  } catch {
    throw new Fault("rasid is not reachable from here. Is it running?", 0);
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Fault(body?.detail || body?.title || `The server answered ${answer.status}.`, answer.status);
  return body;
}

function query(filters, more = {}) {
  const pairs = Object.entries({ ...filters, ...more }).filter(([, value]) => value);
  return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
}

export const page = (filters, cursor = null) => get(`/articles${query(filters, { cursor })}`);
export const story = (id) => get(`/stories/${encodeURIComponent(id)}`);
export const article = (id) => get(`/articles/${encodeURIComponent(id)}`);

/** The topics there are, each `{topic, name, count}`; [] where they cannot be had: the articles then tell their own. */
export async function topics() {
  try {
    return (await get("/topics")).items;
  } catch (fault) {
    if (fault instanceof Fault) return [];
    throw fault;
  }
}

/** The stream, kept open. The browser resumes a broken one by Last-Event-ID; one that was refused is opened again by us.
 * Whenever it stands, `onOpen` may ask for what came before it did. */
export class Stream {
  constructor({ onArticle, onState, onOpen }) {
    this.onArticle = onArticle;
    this.onState = onState;
    this.onOpen = onOpen;
    this.wait = FIRST_WAIT;
  }

  open(filters) {
    this.close();
    this.filters = filters;
    this.onState("connecting");
    const source = new EventSource(`/stream${query(filters)}`);
    this.source = source;
    source.onopen = () => {
      this.onState("live");
      this.wait = FIRST_WAIT;
      this.onOpen();
    };
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return this.onState("waiting");
      this.onState("waiting");
      this.timer = setTimeout(() => this.open(this.filters), this.wait);
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
      return undefined;
    };
    source.addEventListener("article", (event) => this.onArticle(JSON.parse(event.data)));
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
  }
}
