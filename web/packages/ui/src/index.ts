// What both pages show alike, without a rendering library: how times, names and
// runs of messages are said. Colours and sizes are in `tokens.css`, icons in
// `icons.ts`.

export { contrastBetween, textOn } from "./contrast.ts";
export { type Happened, type Piece, pieces, type Receipt, receipt } from "./grouping.ts";
export { initials, visitorName } from "./person.ts";
export { aboutHowLong, ago, clock, day, duration, lately, sameDay } from "./time.ts";
