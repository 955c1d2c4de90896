// The desk as an agent's page uses it: state, what one can do, what one can ask.
// Start here to build a page; `state.ts` says how events change what is known.

import type {
  AgentCommands,
  AgentEvent,
  AgentPlane,
  AgentSnapshot,
  Availability,
  CannedResponseUsed,
  Conversation,
  Message,
  RoutingDecision,
  SearchHit,
  SendMessage,
  Status,
  UseCannedResponse,
} from "@deskbell/protocol";
import { Connection, type Link, type SocketLike } from "../connection.ts";
import { Outbox } from "../outbox.ts";
import { newKey } from "../pace.ts";
import { Refused } from "../problem.ts";
import type { Answer, Input, Known, Method, Operation, Rest } from "../rest.ts";
import type { Shelf } from "../shelf.ts";
import { Store } from "../store.ts";
import { Typing } from "../typing.ts";
import type { AgentSession } from "./session.ts";
import { deskState, emptyDesk } from "./state.ts";

const PAGE = 50;

export interface DeskOptions {
  rest: Rest;
  session: AgentSession;
  socketUrl: string;
  shelf: Shelf;
  onEnded(): void;
  openSocket?(url: string): SocketLike;
}

/** A saved reply that is sent unchanged is used as one, so that it is counted. */
export interface Reply {
  conversationId: string;
  text: string;
  private: boolean;
  cannedResponseId?: string;
}

type Present = Readonly<Record<string, boolean>>;

export class Desk {
  readonly state = new Store(emptyDesk, deskState);
  readonly link = new Store<Link, Link>("idle", (_, link) => link);
  readonly typing = new Typing();
  /** Whether the visitor's page is open, by conversation; absent is unknown. */
  readonly present = new Store<Present, Present>({}, (_, next) => next);
  readonly outbox: Outbox<SendMessage | UseCannedResponse>;
  readonly #options: DeskOptions;
  readonly #listeners = new Set<(event: AgentEvent) => void>();
  readonly #connection: Connection<AgentPlane, AgentSnapshot>;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.outbox = new Outbox({
      shelf: options.shelf,
      owner: options.session.agentId ?? "nobody",
      send: (entry) => this.do(entry.command as "send_message", entry.params as SendMessage),
    });
    this.#connection = new Connection<AgentPlane, AgentSnapshot>({
      url: options.socketUrl,
      token: (refused) => options.session.token(refused),
      snapshot: () => this.#asked((token) => options.rest("GET", "/api/v1/agent/snapshot", { token })),
      onSnapshot: (snapshot) => {
        // What was true before the line broke may not be any more.
        this.present.dispatch({});
        this.state.dispatch({ type: "snapshot", snapshot });
      },
      onEvent: (event) => {
        this.state.dispatch({ type: "event", event });
        for (const listener of this.#listeners) listener(event);
        if (event.type === "message.failed") this.outbox.fail(event.data.client_msg_id);
        if (event.type !== "message.created") return;
        this.outbox.settle([event.data.message.client_msg_id]);
        this.typing.stopped(event.data.message.conversation_id, event.actor.id);
      },
      onSignal: (signal) => {
        this.typing.signal(signal);
        if (signal.name === "presence" && signal.conversation_id) {
          this.present.dispatch({ ...this.present.get(), [signal.conversation_id]: signal.data.online });
        }
      },
      onLink: (link) => {
        this.link.dispatch(link);
        this.outbox.setLive(link === "live");
        if (link === "ended") options.onEnded();
      },
      ...(options.openSocket ? { openSocket: options.openSocket } : {}),
    });
  }

  start(): void {
    this.#connection.start();
  }

  stop(): void {
    this.#connection.stop();
  }

  nudge(): void {
    this.#connection.nudge();
  }

  /** For what is not part of the state, and is asked for anew when it changes. */
  onEvent(listener: (event: AgentEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Any command; its answer is in the state before the promise resolves. */
  async do<Name extends keyof AgentCommands>(
    name: Name,
    params: AgentCommands[Name]["params"],
  ): Promise<AgentCommands[Name]["result"]> {
    const result = await this.#connection.command(name, params as never);
    if (isConversation(result)) this.state.dispatch({ type: "conversations", conversations: [result] });
    return result as AgentCommands[Name]["result"];
  }

  /** Never fails: it goes out when it can, once. */
  write({ conversationId, text, private: note, cannedResponseId }: Reply): void {
    const key = newKey();
    const base = { conversation_id: conversationId, client_msg_id: key };
    this.outbox.add({
      key,
      line: conversationId,
      command: cannedResponseId ? "use_canned_response" : "send_message",
      params: cannedResponseId
        ? { ...base, canned_response_id: cannedResponseId }
        : { ...base, text, ...(note ? { private: true } : {}) },
      text,
      private: note,
      written_at: new Date().toISOString(),
    });
  }

  /** The filled text, and which variables have no value; sends nothing. */
  preview(conversation_id: string, canned_response_id: string): Promise<CannedResponseUsed> {
    return this.do("use_canned_response", {
      conversation_id,
      canned_response_id,
      client_msg_id: newKey(),
      preview: true,
    });
  }

  setAvailability(availability: Availability): Promise<void> {
    return this.do("set_availability", { availability }).then((agent) => this.state.dispatch({ type: "me", agent }));
  }

  /** "Seen up to here." A receipt that is lost is made good by the next one. */
  seen(conversation_id: string, seq: number, read: boolean): void {
    this.do(read ? "mark_read" : "mark_delivered", { conversation_id, seq }).catch(() => undefined);
  }

  writing(conversationId: string, on: boolean): void {
    this.#connection.signal("typing", conversationId, { on });
  }

  async loadThread(id: string, aroundSeq?: number): Promise<void> {
    this.state.dispatch({ type: "thread.loading", id });
    await this.#loadPage(id, aroundSeq ? this.#upFrom(id, aroundSeq) : this.#page(id, {}));
  }

  async loadEarlier(id: string): Promise<void> {
    const first = this.state.get().threads[id]?.messages[0]?.seq;
    if (first === undefined || first <= 1) return;
    await this.#loadPage(id, this.#page(id, { before_seq: first }));
  }

  async #loadPage(id: string, page: Promise<Message[]>): Promise<void> {
    try {
      const messages = await page;
      const first = messages[0]?.seq ?? this.state.get().threads[id]?.messages[0]?.seq ?? 1;
      this.state.dispatch({ type: "thread.loaded", id, messages, hasEarlier: first > 1 });
      this.outbox.settle(messages.map((message) => message.client_msg_id));
    } catch {
      this.state.dispatch({ type: "thread.failed", id });
    }
  }

  /** A thread has no gaps, so everything from there to the newest is loaded. */
  async #upFrom(id: string, seq: number): Promise<Message[]> {
    let messages = await this.#page(id, {});
    for (let first = messages[0]?.seq ?? 0; first > seq; first = messages[0]?.seq ?? 0) {
      const earlier = await this.#page(id, { before_seq: first });
      if (earlier.length === 0) break;
      messages = [...earlier, ...messages];
    }
    return messages;
  }

  #page(id: string, query: { before_seq?: number }): Promise<Message[]> {
    return this.#asked((token) =>
      this.#rest("GET", "/api/v1/conversations/{id}/messages", {
        token,
        path: { id },
        query: { limit: PAGE, ...query },
      }),
    ).then((page) => page.items);
  }

  async loadConversation(id: string): Promise<void> {
    const conversation = await this.#asked((token) =>
      this.#rest("GET", "/api/v1/conversations/{id}", { token, path: { id } }),
    );
    this.state.dispatch({ type: "conversations", conversations: [conversation] });
  }

  /** A page of them, newest first; the answer is where the next one begins, if there is one. */
  async loadConversations(query: {
    status?: Status;
    contact_id?: string;
    assignee_id?: string;
    cursor?: string;
    limit?: number;
  }): Promise<string | null> {
    const { items, next_cursor } = await this.#asked((token) =>
      this.#rest("GET", "/api/v1/conversations", { token, query }),
    );
    this.state.dispatch({ type: "conversations", conversations: items });
    return next_cursor;
  }

  async decisions(id: string): Promise<RoutingDecision[]> {
    const { items } = await this.#asked((token) =>
      this.#rest("GET", "/api/v1/conversations/{id}/decisions", { token, path: { id } }),
    );
    return items;
  }

  async search(words: string): Promise<SearchHit[]> {
    const { items } = await this.#asked((token) => this.#rest("GET", "/api/v1/search", { token, query: { q: words } }));
    return items;
  }

  /** Any route of the API, as whoever is logged in. */
  ask<M extends Method, Path extends Known<M>>(
    method: M,
    path: Path,
    request: Input<Operation<M, Path>>,
  ): Promise<Answer<Operation<M, Path>>> {
    return this.#asked((token) => this.#rest(method, path, { ...request, token }));
  }

  get #rest(): Rest {
    return this.#options.rest;
  }

  /** With a token that is good; once more with a new one if the server says so. */
  async #asked<Answer>(ask: (token: string) => Promise<Answer>): Promise<Answer> {
    const { session } = this.#options;
    try {
      return await ask(await session.token());
    } catch (error) {
      if (error instanceof Refused && error.status === 401) return ask(await session.token(true));
      throw error;
    }
  }
}

function isConversation(result: unknown): result is Conversation {
  return typeof result === "object" && result !== null && "contact" in result && "last_seq" in result;
}
