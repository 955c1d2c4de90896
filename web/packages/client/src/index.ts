// Everything a page needs to talk to Deskbell. For agents start at
// `desk/desk.ts`, for visitors at `visitor/messenger.ts`.

export type * from "@deskbell/protocol";
export { Connection, type Link, type SocketLike } from "./connection.ts";
export { Desk, type Reply } from "./desk/desk.ts";
export { AgentSession, type LogInWith } from "./desk/session.ts";
export { type DeskAction, type DeskState, deskState, emptyDesk } from "./desk/state.ts";
export { type Entry, Outbox } from "./outbox.ts";
export { LoggedOut, Refused, sentence, Unreachable } from "./problem.ts";
export {
  type AnswerValues,
  type AskedField,
  answerOf,
  answerWords,
  type Choice,
  liveQuestion,
  type Question,
  questionOf,
} from "./question.ts";
export { type Download, rest } from "./rest.ts";
export { browserShelf, memoryShelf, type Shelf, scoped } from "./shelf.ts";
export { type Readable, Store } from "./store.ts";
export type { Thread } from "./thread.ts";
export { TYPING_EVERY_MS } from "./typing.ts";
export { answerKey, Messenger, NEW_LINE, type Place } from "./visitor/messenger.ts";
export { VisitorSession, type Whereabouts } from "./visitor/session.ts";
export { emptyVisitor, type VisitorAction, type VisitorState, visitorState } from "./visitor/state.ts";
