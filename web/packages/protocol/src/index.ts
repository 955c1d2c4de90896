// The contract with the server, as types only: entities, answers and events
// (wire.ts, out of openapi.ts, which is made by `make gen`), socket frames and
// commands (frames.ts). No code, no state. Start at frames.ts.

export type * from "./frames.ts";
export type * from "./wire.ts";
