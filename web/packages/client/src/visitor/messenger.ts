// The messenger as a visitor's page uses it: state, what one can do. It rings only
// when asked to: nothing is requested before `start`.

import type {
  SendVisitorMessage,
  StartConversation,
  VisitorConversation,
  WidgetCommands,
  WidgetPlane,
  WidgetSnapshot,
} from "@deskbell/protocol";
import { Connection, type Link, type SocketLike } from "../connection.ts";
import { Outbox } from "../outbox.ts";
import { newKey } from "../pace.ts";
import type { AnswerValues } from "../question.ts";
import type { Rest } from "../rest.ts";
import type { Shelf } from "../shelf.ts";
import { Store } from "../store.ts";
import { Typing } from "../typing.ts";
import type { VisitorSession } from "./session.ts";
import { emptyVisitor, visitorState } from "./state.ts";

/** Where in the queue, as last heard. */
export interface Place {
  conversationId: string;
  position: number;
  waitMs: number | null;
}

export interface MessengerOptions {
  rest: Rest;
  session: VisitorSession;
  socketUrl: string;
  shelf: Shelf;
  inbox: string;
  openSocket?(url: string): SocketLike;
}

type Params = SendVisitorMessage | StartConversation;
/** The line of messages that will start a conversation. */
export const NEW_LINE = "new";
/** A question is answered once: pressed twice, or in two tabs, the first one counts. */
export const answerKey = (questionId: string): string => `answer-${questionId}`;

export class Messenger {
  readonly state = new Store(emptyVisitor, visitorState);
  readonly link = new Store<Link, Link>("idle", (_, link) => link);
  readonly place = new Store<Place | null, Place | null>(null, (_, place) => place);
  readonly typing = new Typing();
  readonly outbox: Outbox<Params>;
  readonly #options: MessengerOptions;
  readonly #connection: Connection<WidgetPlane, WidgetSnapshot>;

  constructor(options: MessengerOptions) {
    this.#options = options;
    options.session.onInbox = (inbox) => this.state.dispatch({ type: "inbox", inbox });
    this.outbox = new Outbox<Params>({
      shelf: options.shelf,
      owner: options.inbox,
      send: (entry) => this.do(entry.command as "send_message", entry.params as SendVisitorMessage),
    });
    this.#connection = new Connection<WidgetPlane, WidgetSnapshot>({
      url: options.socketUrl,
      token: (refused) => options.session.token(refused),
      snapshot: async () => options.rest("GET", "/api/v1/widget/snapshot", { token: await options.session.token() }),
      onSnapshot: (snapshot) => {
        this.state.dispatch({ type: "snapshot", snapshot });
        const said = snapshot.conversations.flatMap((it) => it.messages);
        this.outbox.settle(said.map((message) => message.client_msg_id));
      },
      onEvent: (event) => {
        this.state.dispatch({ type: "event", event });
        if (event.type === "message.failed") this.outbox.fail(event.data.client_msg_id);
        if (event.type !== "message.created") return;
        this.outbox.settle([event.data.message.client_msg_id]);
        this.typing.stopped(event.data.message.conversation_id, event.actor.id);
      },
      onSignal: (signal) => {
        this.typing.signal(signal);
        if (signal.name !== "queue.position" || !signal.conversation_id) return;
        const { position, expected_wait_ms: waitMs } = signal.data;
        this.place.dispatch({ conversationId: signal.conversation_id, position, waitMs });
      },
      onLink: (link) => {
        this.link.dispatch(link);
        this.outbox.setLive(link === "live");
      },
      ...(options.openSocket ? { openSocket: options.openSocket } : {}),
    });
  }

  /** This browser has talked to the desk before. */
  get known(): boolean {
    return this.#options.session.known || this.outbox.get().length > 0;
  }

  start(): void {
    this.#connection.start();
  }

  /** The visitor has left this browser: nothing of the chat stays in it. */
  forget(): void {
    this.#connection.stop();
    this.#options.session.forget();
    for (const { key } of this.outbox.get()) this.outbox.discard(key);
  }

  nudge(): void {
    this.#connection.nudge();
  }

  /** Any command; its answer is in the state before the promise resolves. */
  async do<Name extends keyof WidgetCommands>(
    name: Name,
    params: WidgetCommands[Name]["params"],
  ): Promise<WidgetCommands[Name]["result"]> {
    const result = await this.#connection.command(name, params as never);
    if (isConversation(result)) this.state.dispatch({ type: "conversation", conversation: result });
    return result as WidgetCommands[Name]["result"];
  }

  /** Never fails: it goes out when it can, once. Without an id it starts a conversation. */
  write(text: string, conversationId: string | null, opening: Omit<StartConversation, "client_msg_id" | "text">): void {
    const key = newKey();
    const start = { line: NEW_LINE, command: "start_conversation", params: { ...opening, client_msg_id: key, text } };
    const go = conversationId && {
      line: conversationId,
      command: "send_message",
      params: {
        conversation_id: conversationId,
        client_msg_id: key,
        text,
        ...(opening.attributes && { attributes: opening.attributes }),
      },
    };
    this.outbox.add({
      ...(go ? { ...go, instead: start } : start),
      key,
      text,
      private: false,
      written_at: new Date().toISOString(),
    });
  }

  /** Like `write`, to a bot's question. When it comes too late, its words go out as a message. */
  answer(conversation_id: string, message_id: string, values: AnswerValues, words: string): void {
    const client_msg_id = answerKey(message_id);
    const before = this.outbox.get().find((it) => it.key === client_msg_id);
    if (before && before.state !== "refused") return;
    if (before) this.outbox.discard(client_msg_id);
    const base = { line: conversation_id, command: "send_message" };
    this.outbox.add({
      ...base,
      params: { conversation_id, client_msg_id, answer: { message_id, values } },
      instead: { ...base, params: { conversation_id, client_msg_id, text: words } },
      key: client_msg_id,
      text: words,
      private: false,
      written_at: new Date().toISOString(),
    });
  }

  /** "Seen up to here." A receipt that is lost is made good by the next one. */
  seen(conversation_id: string, seq: number, read: boolean): void {
    this.do(read ? "mark_read" : "mark_delivered", { conversation_id, seq }).catch(() => undefined);
  }

  writing(conversationId: string, on: boolean): void {
    this.#connection.signal("typing", conversationId, { on });
  }

  async loadEarlier(id: string): Promise<void> {
    const { rest, session } = this.#options;
    const first = this.state.get().threads[id]?.messages[0]?.seq;
    if (first === undefined) return;
    const page = await rest("GET", "/api/v1/widget/conversations/{id}/messages", {
      token: await session.token(),
      path: { id },
      query: { before_seq: first },
    });
    const hasEarlier = (page.items[0]?.seq ?? 1) > 1;
    this.state.dispatch({ type: "thread.loaded", id, messages: page.items, hasEarlier });
  }
}

function isConversation(result: unknown): result is VisitorConversation {
  return typeof result === "object" && result !== null && "public_seq" in result && "status" in result;
}
