// Questions and answers as they are read out of attributes, and an answer on its way.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  answerKey,
  answerOf,
  answerWords,
  liveQuestion,
  Messenger,
  memoryShelf,
  questionOf,
  type SocketLike,
  VisitorSession,
} from "../src/index.ts";
import type { Rest } from "../src/rest.ts";
import { FakeSocket, settled } from "./fake-socket.ts";
import { problemOf } from "./refusal.ts";

const choices = [
  { id: "late", label: "Late delivery" },
  { id: "refund", label: "Refund" },
];
const asked = (id: string, question: unknown, type = "bot") => ({ id, sender: { type }, attributes: { question } });
const answered = (id: string, message_id: string) => ({
  id,
  sender: { type: "visitor" },
  attributes: { answer: { message_id, values: { choice: "late" } } },
});

test("a question is read with care, and only a bot asks", () => {
  expect(questionOf(asked("m", { choices }))).toEqual({ choices, form: [] });
  expect(questionOf(asked("m", { choices }, "visitor"))).toBeNull();
  for (const nonsense of [undefined, null, "?", 7, { choices: "no" }, { choices: [{ id: 1 }] }, { form: [null, {}] }]) {
    expect(questionOf(asked("m", nonsense))).toBeNull();
  }
  const form = [
    { name: "size", label: "Size", type: "choice", required: true, choices },
    { name: "x", type: "colour" },
  ];
  expect(questionOf(asked("m", { form }))?.form).toEqual([
    { name: "size", label: "Size", type: "choice", required: true, choices },
    { name: "x", label: "x", type: "text", required: false, choices: [] },
  ]);
  expect(answerOf({ attributes: { answer: "late" } })).toBeNull();
});

test("a question is live while it is the bot's last word and nobody has answered it", () => {
  const [first, second] = [asked("m1", { choices }), asked("m2", { choices })];
  const words = { id: "m3", sender: { type: "visitor" }, attributes: {} };
  expect(liveQuestion("bot", [first])?.id).toBe("m1");
  expect(liveQuestion("bot", [first, words])?.id).toBe("m1");
  expect(liveQuestion("bot", [first, second])?.id).toBe("m2");
  expect(liveQuestion("bot", [first, { ...words, sender: { type: "bot" } }])).toBeNull();
  expect(liveQuestion("bot", [first, answered("m4", "m1")])).toBeNull();
  for (const status of ["queued", "active", "resolved", undefined]) expect(liveQuestion(status, [first])).toBeNull();
});

test("an answer in words", () => {
  expect(answerWords({ choices, form: [] }, { choice: "refund" })).toBe("Refund");
  const form = [
    { name: "order", label: "Order", type: "text" as const, required: true, choices: [] },
    { name: "why", label: "Reason", type: "choice" as const, required: true, choices },
    { name: "cups", label: "Cups", type: "number" as const, required: false, choices: [] },
  ];
  expect(answerWords({ choices: [], form }, { order: "A-1", why: "late" })).toBe("Order: A-1\nReason: Late delivery");
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A messenger whose line is the test's. */
function setUp() {
  const sockets: FakeSocket[] = [];
  const shelf = memoryShelf();
  const rest = (async (_: string, path: string) =>
    path.endsWith("sessions")
      ? { token: "t", expires_in: 900, secret: "s", inbox: {}, visitor: { id: "v" } }
      : { cursor: "c", conversations: [], inbox: {} }) as unknown as Rest;
  const messenger = new Messenger({
    rest,
    session: new VisitorSession({ rest, shelf, inbox: "demo" }),
    socketUrl: "ws://desk",
    shelf,
    inbox: "demo",
    openSocket: () => {
      sockets.push(new FakeSocket());
      return sockets.at(-1) as SocketLike;
    },
  });
  const live = async () => {
    messenger.start();
    messenger.nudge();
    await settled();
    const socket = sockets.at(-1) as FakeSocket;
    socket.open();
    socket.welcome();
    return socket;
  };
  const sent = (socket: FakeSocket) => socket.sent.filter((it) => it.type === "command");
  return { messenger, live, sent };
}

const QUESTION = "msg_1";
const press = (messenger: Messenger, choice = "late") =>
  messenger.answer("conv_1", QUESTION, { choice }, "Late delivery");

test("an answer written offline goes out once, however often it was pressed", async () => {
  const { messenger, live, sent } = setUp();
  press(messenger);
  press(messenger, "refund");
  expect(messenger.outbox.get()).toHaveLength(1);
  const socket = await live();
  press(messenger);
  expect(sent(socket)).toMatchObject([
    {
      name: "send_message",
      params: {
        conversation_id: "conv_1",
        client_msg_id: answerKey(QUESTION),
        answer: { message_id: QUESTION, values: { choice: "late" } },
      },
    },
  ]);
});

test("what the desk does not take of a form is kept with its places, and answered anew", async () => {
  const { messenger, live, sent } = setUp();
  const socket = await live();
  press(messenger);
  const errors = [{ pointer: "/answer/values/mail", code: "bad_email", detail: "No address." }];
  socket.say({ type: "error", id: "c1", problem: { ...problemOf(422), errors } });
  await settled();
  expect(messenger.outbox.get()).toMatchObject([{ state: "refused", errors }]);
  press(messenger, "refund");
  expect(messenger.outbox.get()).toMatchObject([{ state: "sending" }]);
  expect(messenger.outbox.get()[0]).not.toHaveProperty("errors");
  expect(sent(socket).at(-1)).toMatchObject({ params: { answer: { values: { choice: "refund" } } } });
});

test("an answer that comes too late goes out as plain words", async () => {
  const { messenger, live, sent } = setUp();
  const socket = await live();
  press(messenger);
  socket.say({ type: "error", id: "c1", problem: problemOf(409, "question_not_open") });
  await settled();
  const { params } = sent(socket).at(-1) as { params: object };
  expect(params).toEqual({ conversation_id: "conv_1", client_msg_id: answerKey(QUESTION), text: "Late delivery" });
});
