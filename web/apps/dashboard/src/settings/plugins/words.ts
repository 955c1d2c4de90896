// What plugins do and may reach, in plain words; for whoever must consent to it.

import type {
  Capability,
  Hook,
  PluginFailure,
  PluginVersion,
  VariableDefinition,
  WebhookRecipe,
} from "@deskbell/client";

interface Told {
  name: string;
  text: string;
}

export function hookWords(hook: Hook, variables: readonly VariableDefinition[] = []): Told {
  switch (hook) {
    case "routing":
      return {
        name: "Decides who gets each chat",
        text: "It sees subject, category, attributes, the contact's name and e-mail, and who is free. When it fails, the team's own way decides.",
      };
    case "variables": {
      const names = variables.map((it) => it.name).join(", ");
      return {
        name: names ? `Fills variables in saved replies: ${names}` : "Fills variables in saved replies",
        text: "It sees the chat's subject, category and attributes, the contact's name and e-mail, and your name.",
      };
    }
    case "bot":
      return {
        name: "Answers visitors first, as a bot",
        text: "It sees what the visitor writes until a person has the chat, and may set attributes and tags. Choose it at an inbox. When it fails, the chat goes to people.",
      };
    case "filter":
      return {
        name: "Reads and may change what people write",
        text: "It sees messages, notes, forms, subjects, ratings and reasons before they are stored, and may mask, refuse or hold them. When it fails, they pass with a mark, or wait, as you choose.",
      };
    case "events":
      return {
        name: "Hears of what happens in chats",
        text: "It sees chats, messages, notes and contacts after they are stored, and may set attributes and add notes. When it fails, it is told again for a day, and chats go on.",
      };
    case "context":
      return {
        name: "Shows cards beside a chat",
        text: "It sees the chat's subject, category and attributes, and the contact's name and e-mail, when somebody opens the chat. When it fails, its cards are missing.",
      };
    case "webhook":
      return {
        name: "Is told of something by other systems",
        text: "It sees what they post to its addresses, and may set attributes and add notes in chats. Who posts is checked before it sees anything. When it fails, it is told again for a day.",
      };
    case "lifecycle":
      return {
        name: "Checks its own settings, and hears of an upgrade",
        text: "It sees its settings before they are saved, and can refuse them. If it cannot cope with an upgrade, the upgrade is undone. It needs no leave for this.",
      };
    default:
      return {
        name: `Does “${hook}”`,
        text: "This page does not know more of it. Load it again to get the latest one.",
      };
  }
}

/** In a list, where few words must do. */
export function hookShort(hook: Hook): string {
  if (hook === "routing") return "Decides who gets each chat";
  if (hook === "variables") return "Fills variables in saved replies";
  if (hook === "bot") return "Answers visitors first";
  if (hook === "filter") return "Reads and may change what people write";
  if (hook === "events") return "Hears of what happens in chats";
  if (hook === "context") return "Shows cards beside a chat";
  if (hook === "webhook") return "Is told of something by other systems";
  if (hook === "lifecycle") return "Checks its own settings";
  return hook;
}

export function capabilityWords(capability: Capability, manifest?: PluginVersion["manifest"]): Told {
  if (capability === "directory") {
    return {
      name: "Reads agents and teams by id",
      text: "Their names, e-mail addresses and availability. It cannot list them, change them, or read chats.",
    };
  }
  if (capability === "http") {
    const { hosts = [], hosts_from_config = [] } = manifest?.capabilities.http ?? {};
    const configured = hosts_from_config.map((it) => `the server in the setting “${it.replace(/^\//, "")}”`);
    const asked = [...hosts, ...configured].join(", ");
    return {
      name: asked ? `Asks outside: ${asked}` : "Asks services outside",
      text: "What it is shown with each question may go there, and the secrets you enter for it. It reaches no other server, and nothing inside your network.",
    };
  }
  if (capability === "kv") {
    return {
      name: "Keeps values of its own",
      text: "What it was shown may be kept from one question to the next, for this plugin alone, at most 10 MB.",
    };
  }
  if (capability === "crypto") {
    return {
      name: "Draws random numbers and signs",
      text: "It signs and checks signatures with the secrets you enter for that, and sees none of them.",
    };
  }
  return {
    name: `Reaches “${capability}”`,
    text: "This page does not know more of it. Load it again to get the latest one.",
  };
}

const EVENTS: Record<string, string> = {
  "conversation.created": "A chat began",
  "conversation.updated": "A chat was changed",
  "conversation.queued": "A chat was queued",
  "conversation.assigned": "A chat was given to an agent",
  "conversation.unassigned": "A chat went back to the queue",
  "conversation.transferred": "A chat was handed over",
  "conversation.reopened": "A chat was reopened",
  "conversation.resolved": "A chat was resolved",
  "conversation.closed": "A chat was closed",
  "conversation.missed": "A chat was missed",
  "conversation.rated": "A chat was rated",
  "message.created": "Somebody wrote",
  "contact.created": "A contact is new",
  "contact.updated": "A contact was changed",
};

/** What a plugin is told of. */
export function eventWords(type: string): string {
  return EVENTS[type] ?? type;
}

const CODES: Record<string, string> = {
  not_ready: "Not ready",
  busy: "Too busy",
  breaker_open: "Left out",
  cpu_exceeded: "Too much computing",
  deadline_exceeded: "Too slow",
  memory_exceeded: "Too much memory",
  limit_exceeded: "Over a limit",
  trapped: "Crashed",
  input_too_large: "Chat too large",
  output_too_large: "Answer too large",
  plugin_failed: "Gave up",
  bad_answer: "Unusable answer",
  turned_away: "Turned away",
  sandbox_failed: "Sandbox failed",
};

/** How a call ended. */
export function outcomeWord(outcome: string): string {
  return outcome === "ok" ? "Answered" : failureWord(outcome as PluginFailure["code"]);
}

export function failureWord(code: PluginFailure["code"]): string {
  return CODES[code] ?? code.replaceAll("_", " ");
}

/** What a post must have with it, in a sentence. */
export function recipeWords(recipe: WebhookRecipe): string {
  const { scheme, header, secret, prefix, encoding, timestamp_header } = recipe;
  const before = prefix ? `, behind “${prefix}”` : "";
  if (scheme === "token") return `With the secret “${secret}” in the header ${header}${before}.`;
  const what = timestamp_header ? `“{${timestamp_header}}.{body}”` : "the body";
  return `Signed with the secret “${secret}”: HMAC-SHA-256 of ${what} in ${encoding}, in the header ${header}${before}.`;
}

/** "imports › wasi:sockets/tcp@0.2.0": a JSON pointer for people. */
export function placeWords(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((each) => each.replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(" › ");
}

/** "1.2 MB", "26 KB". */
export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kb = bytes / 1024;
  return kb < 1000 ? `${Math.round(kb)} KB` : `${(kb / 1024).toFixed(1)} MB`;
}
