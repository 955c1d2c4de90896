// One socket that is meant to be open all the time: log-in frame, heartbeat,
// back-off, exact resume by cursor, commands with their answers.
//
// It knows frames and cursors, and nothing of what events mean. Start at `#open`.
//
// A page without a cursor fetches a snapshot first and greets with that cursor,
// so that what is applied is always "snapshot, then everything after it". When
// the server says the cursor no longer holds, the same happens again.

import type { AgentPlane, ClientFrame, ServerFrame, Signal, WidgetPlane } from "@deskbell/protocol";
import { backOff } from "./pace.ts";
import { LoggedOut, Refused, Unreachable } from "./problem.ts";

export type Link = "idle" | "connecting" | "live" | "waiting" | "ended";

export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((close: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface ConnectionOptions<Plane extends AgentPlane | WidgetPlane, Snapshot extends { cursor: string }> {
  url: string;
  /** A token that is good now; `refused` after the server turned the last one down. */
  token(refused: boolean): Promise<string>;
  snapshot(): Promise<Snapshot>;
  onSnapshot(snapshot: Snapshot): void;
  onEvent(event: Plane["event"]): void;
  onSignal(signal: Signal): void;
  onLink(link: Link): void;
  openSocket?(url: string): SocketLike;
  random?(): number;
}

const NOT_AUTHENTICATED = 4001;
const REVOKED = 4003;
const TOO_FAST = 4008;
const RESYNC = 4009;
const GOING_AWAY = 4012;
const PATIENCE_MS = 10_000;

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

type Timer = ReturnType<typeof setTimeout>;

export class Connection<Plane extends AgentPlane | WidgetPlane, Snapshot extends { cursor: string }> {
  readonly #options: ConnectionOptions<Plane, Snapshot>;
  readonly #random: () => number;
  #link: Link = "idle";
  #cursor: string | null = null;
  #socket: SocketLike | null = null;
  #commands = new Map<string, Waiting>();
  #lastCommand = 0;
  #tries = 0;
  #tokenRefused = false;
  #heartbeatMs = 25_000;
  #retry: Timer | undefined;
  #silence: Timer | undefined;

  constructor(options: ConnectionOptions<Plane, Snapshot>) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  get link(): Link {
    return this.#link;
  }

  start(): void {
    if (this.#link === "idle" || this.#link === "ended") void this.#open();
  }

  stop(): void {
    this.#end("idle");
  }

  /** Something changed outside (network back, page visible): do not wait on. */
  nudge(): void {
    if (this.#link === "waiting") void this.#open();
    else if (this.#link === "live") this.#ask();
  }

  /** Rejects with `Refused`, or `Unreachable` when no answer came. */
  command<Name extends keyof Plane["commands"] & string>(
    name: Name,
    params: Plane["commands"][Name] extends { params: infer Params } ? Params & object : never,
  ): Promise<Plane["commands"][Name] extends { result: infer Result } ? Result : never> {
    if (this.#link !== "live") return Promise.reject(new Unreachable());
    this.#lastCommand += 1;
    const id = `c${this.#lastCommand}`;
    return new Promise((resolve, reject) => {
      this.#commands.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#send({ type: "command", id, name, params });
    });
  }

  signal(name: "typing", conversation_id: string, data: object): void {
    if (this.#link === "live") this.#send({ type: "signal", name, conversation_id, data });
  }

  async #open(): Promise<void> {
    clearTimeout(this.#retry);
    this.#setLink("connecting");
    let token: string;
    try {
      token = await this.#options.token(this.#tokenRefused);
      this.#tokenRefused = false;
      if (this.#link === "connecting" && this.#cursor === null) {
        const snapshot = await this.#options.snapshot();
        if (this.#link !== "connecting") return;
        this.#options.onSnapshot(snapshot);
        this.#cursor = snapshot.cursor;
      }
    } catch (error) {
      if (this.#link !== "connecting") return;
      if (error instanceof LoggedOut) return this.#end("ended");
      if (error instanceof Refused && error.status === 401) this.#tokenRefused = true;
      return this.#wait();
    }
    // Stopped meanwhile; or stopped and started, and then another `#open` is on its way.
    if (this.#link !== "connecting" || this.#socket) return;
    this.#greet(token);
  }

  #greet(token: string): void {
    const open = this.#options.openSocket ?? ((url: string) => new WebSocket(url) as unknown as SocketLike);
    const socket = open(this.#options.url);
    this.#socket = socket;
    socket.onopen = () => this.#send({ type: "hello", token, cursor: this.#cursor });
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#receive(JSON.parse(String(data)));
    };
    socket.onclose = ({ code, reason }) => {
      if (this.#socket === socket) this.#closed(code, reason);
    };
    this.#expectWithin(PATIENCE_MS);
  }

  #receive(frame: ServerFrame<Plane["event"]>): void {
    this.#heard();
    switch (frame.type) {
      case "welcome":
        return this.#welcome(frame.resumed, frame.heartbeat_ms);
      case "event":
        this.#cursor = frame.cursor;
        return this.#options.onEvent(frame.event);
      case "signal":
        return this.#options.onSignal(frame);
      case "ack":
        return this.#answer(frame.id, (waiting) => waiting.resolve(frame.result));
      case "error":
        return this.#answer(frame.id ?? "", (waiting) => waiting.reject(new Refused(frame.problem)));
      case "ping":
        return this.#send({ type: "pong" });
    }
  }

  #welcome(resumed: boolean, heartbeatMs: number): void {
    this.#heartbeatMs = heartbeatMs;
    if (!resumed) {
      // Again from a snapshot; at once the first time, with patience after that.
      this.#cursor = null;
      this.#drop();
      if (this.#tries === 0) {
        this.#tries = 1;
        void this.#open();
      } else this.#wait();
      return;
    }
    this.#tries = 0;
    this.#heard();
    this.#setLink("live");
  }

  #answer(id: string, settle: (waiting: Waiting) => void): void {
    const waiting = this.#commands.get(id);
    this.#commands.delete(id);
    if (waiting) settle(waiting);
  }

  #closed(code: number, reason: string): void {
    this.#drop();
    if (code === REVOKED) return this.#end("ended");
    if (code === NOT_AUTHENTICATED) this.#tokenRefused = true;
    if (code === RESYNC && this.#tries === 0) {
      this.#tries = 1;
      void this.#open();
      return;
    }
    const hint = code === TOO_FAST || code === GOING_AWAY ? Number(/\d+/.exec(reason)?.[0]) : Number.NaN;
    this.#wait(Number.isFinite(hint) ? Math.min(hint, 60_000) : undefined);
  }

  #wait(hintMs?: number): void {
    const delay = hintMs ?? backOff(this.#tries, this.#random);
    this.#tries += 1;
    this.#setLink("waiting");
    this.#retry = setTimeout(() => void this.#open(), delay);
  }

  /** Something came in, so the line works; after a while of silence ask. */
  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#ask(), this.#heartbeatMs);
  }

  #ask(): void {
    this.#send({ type: "ping" });
    this.#expectWithin(PATIENCE_MS);
  }

  /** A line that is dead without saying so never closes by itself. */
  #expectWithin(ms: number): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#socket?.close();
      this.#closed(1006, "");
    }, ms);
  }

  #send(frame: ClientFrame): void {
    try {
      this.#socket?.send(JSON.stringify(frame));
    } catch {
      // It is closing: `onclose` follows and settles what waits.
    }
  }

  /** Forgets the socket; what waited for an answer learns that none will come. */
  #drop(): void {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = null;
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
    }
    const waiting = [...this.#commands.values()];
    this.#commands.clear();
    for (const each of waiting) each.reject(new Unreachable());
  }

  #end(link: "idle" | "ended"): void {
    clearTimeout(this.#retry);
    this.#setLink(link);
    this.#drop();
    this.#cursor = null;
    this.#tries = 0;
  }

  #setLink(link: Link): void {
    if (link === this.#link) return;
    this.#link = link;
    this.#options.onLink(link);
  }
}
