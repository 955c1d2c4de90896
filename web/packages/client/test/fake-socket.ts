// A socket whose other end is the test.

import type { ClientFrame, ServerFrame } from "@deskbell/protocol";
import type { SocketLike } from "../src/index.ts";

export class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((close: { code: number; reason: string }) => void) | null = null;
  readonly sent: ClientFrame[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientFrame);
  }

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.onopen?.();
  }

  say(frame: ServerFrame<unknown>): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  welcome(resumed = true): void {
    this.say({ type: "welcome", session: "sock_1", cursor: "w", heartbeat_ms: 25_000, resumed });
  }

  fall(code = 1006, reason = ""): void {
    this.onclose?.({ code, reason });
  }

  /** The last frame of a kind, which must be there. */
  last<Type extends ClientFrame["type"]>(type: Type): Extract<ClientFrame, { type: Type }> {
    const frame = this.sent.findLast((each) => each.type === type);
    if (!frame) throw new Error(`no ${type} frame was sent`);
    return frame as Extract<ClientFrame, { type: Type }>;
  }
}

/** Lets every promise that can go on go on. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
