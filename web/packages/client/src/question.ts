// A bot's question, and the answer to one, as they stand in a message's attributes.
// Attributes hold anything, so both are read with care. Pure: both pages show
// questions by these.

export interface Choice {
  id: string;
  label: string;
}

export interface AskedField {
  name: string;
  label: string;
  type: "text" | "email" | "number" | "choice";
  required: boolean;
  choices: readonly Choice[];
}

/** Buttons, or a small form; of both, the form. */
export interface Question {
  choices: readonly Choice[];
  form: readonly AskedField[];
}

export type AnswerValues = Readonly<Record<string, string | number>>;

export interface GivenAnswer {
  message_id: string;
  values: AnswerValues;
}

interface Spoken {
  id: string;
  sender: { type: string };
  attributes: object;
}

/** Only a bot asks: a visitor may write anything into the attributes. */
export function questionOf({ sender, attributes }: Spoken): Question | null {
  if (sender.type !== "bot") return null;
  const asked = record(record(attributes).question);
  const choices = list(asked.choices).flatMap(choice);
  const form = list(asked.form).flatMap(field);
  return choices.length + form.length > 0 ? { choices, form } : null;
}

export function answerOf({ attributes }: Pick<Spoken, "attributes">): GivenAnswer | null {
  const { message_id, values } = record(record(attributes).answer);
  return typeof message_id === "string" ? { message_id, values: record(values) as AnswerValues } : null;
}

/** What can be answered now: the bot's newest message, if it asks and nobody has answered it. */
export function liveQuestion<Message extends Spoken>(
  status: string | undefined,
  messages: readonly Message[],
): Message | null {
  const last = status === "bot" ? messages.findLast((it) => it.sender.type === "bot") : undefined;
  if (!last || !questionOf(last)) return null;
  return messages.some((it) => answerOf(it)?.message_id === last.id) ? null : last;
}

/** The answer in words, as the server will write it. */
export function answerWords({ choices, form }: Question, values: AnswerValues): string {
  if (form.length === 0) return labelOf(choices, values.choice);
  return form
    .filter((it) => values[it.name] !== undefined)
    .map((it) => `${it.label}: ${labelOf(it.choices, values[it.name])}`)
    .join("\n");
}

function labelOf(choices: readonly Choice[], value: string | number | undefined): string {
  return choices.find((it) => it.id === value)?.label ?? String(value ?? "");
}

function field(value: unknown): AskedField[] {
  const { name, label, type, required, choices } = record(value);
  if (typeof name !== "string") return [];
  return [
    {
      name,
      label: typeof label === "string" ? label : name,
      // A kind from a newer server is asked for as text.
      type: type === "email" || type === "number" || type === "choice" ? type : "text",
      required: required === true,
      choices: list(choices).flatMap(choice),
    },
  ];
}

function choice(value: unknown): Choice[] {
  const { id, label } = record(value);
  return typeof id === "string" && typeof label === "string" ? [{ id, label }] : [];
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const record = (value: unknown) =>
  (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
