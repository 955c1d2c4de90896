// Entities, answers and events by name, out of the types made from the server's
// API description. Names differ from the server's only where a page would be
// misread otherwise.

import type { components, paths as Paths } from "./openapi.ts";

type Schemas = components["schemas"];

/** RFC 3339, UTC, milliseconds. */
export type Timestamp = Schemas["Timestamp"];
export type Role = Schemas["Role"];
export type Availability = Schemas["Availability"];
export type Status = Schemas["Status"];
export type Priority = Schemas["Priority"];
export type Strategy = Schemas["Strategy"];
export type Exclusion = Schemas["Exclusion"];
export type Attributes = Schemas["Attributes"];

export type ActorRef = Schemas["ActorRef"];
export type AgentRef = Schemas["AgentRef"];
export type Agent = Schemas["Agent"];
export type Team = Schemas["Team"];
export type Inbox = Schemas["Inbox"];
/** What a visitor sees of an inbox. */
export type VisitorInbox = Schemas["PublicInbox"];
export type CannedResponse = Schemas["CannedResponse"];
export type Contact = Schemas["Contact"];
export type Conversation = Schemas["Conversation"];
/** What surrounds a conversation: where the visitor's browser is. */
export type ConversationContext = Schemas["ConversationContext"];
export type VisitorConversation = Schemas["VisitorConversation"];
export type Message = Schemas["Message"];
export type VisitorMessage = Schemas["VisitorMessage"];
export type MessageAck = Schemas["MessageAck"];
export type Considered = Schemas["Considered"];
export type Consulted = Schemas["Consulted"];
export type RoutingDecision = Schemas["RoutingDecision"];
export type Hook = Schemas["Hook"];
export type Capability = Schemas["Capability"];
export type Plugin = Schemas["Plugin"];
export type PluginVersion = Schemas["PluginVersion"];
/** With what is different from the version at work. */
export type OfferedVersion = Schemas["OfferedVersion"];
export type PluginCall = Schemas["PluginInvocation"];
export type PluginLogLine = Schemas["PluginLogLine"];
export type PluginCards = Schemas["InstallationCards"];
export type ParkedEvent = Schemas["ParkedEvent"];
export type PluginSecret = Schemas["Secret"];
export type WebhookAddress = Schemas["WebhookAddress"];
export type WebhookRecipe = Schemas["Recipe"];
export type UploadedPlugin = Schemas["UploadedPlugin"];
export type CatalogueEntry = Schemas["CatalogueEntry"];
export type Installation = Schemas["Installation"];
export type PluginFailure = Schemas["PluginFailure"];
/** Something a plugin can fill in. */
export type VariableDefinition = Schemas["VariableDefinition"];
/** Something one can write into a saved reply. */
export type Variable = Schemas["Variable"];
/** How its calls went, by hook. */
export type PluginFigures = Schemas["HookMetrics"];
export type PluginLimits = Schemas["CallLimits"];
export type AuditEntry = Schemas["AuditEntry"];
export type SearchHit = Schemas["SearchHit"];

export type AgentSnapshot = Schemas["AgentSnapshot"];
export type WidgetSnapshot = Schemas["WidgetSnapshot"];
export type LoggedIn = Schemas["LoggedIn"];
export type OpenedVisitorSession = Schemas["VisitorSession"];
export type CannedResponseUsed = Schemas["CannedResponseUsed"];
export type StartedConversation = Schemas["StartedConversation"];
export type Problem = Schemas["Problem"];

/** An event as an agent's socket brings it. */
export type AgentEvent = Schemas["Event"];
/** An event as a visitor's socket brings it: cut down by the server. */
export type VisitorEvent = Schemas["VisitorEvent"];
/** Field name → [old, new], absolute: applying it twice is harmless. */
export type Changes = AgentEvent["changes"];

/** What a command's body holds beside the conversation it is about. */
export type Bodies = Pick<
  Schemas,
  | "Assign"
  | "Because"
  | "InstallationPatch"
  | "NewInstallation"
  | "Rate"
  | "SendMessage"
  | "SendVisitorMessage"
  | "SetAvailability"
  | "StartConversationRequest"
  | "Transfer"
  | "Upgrade"
  | "UpTo"
  | "UseCannedResponse"
>;

/** Every route, with its parameters and answers. */
export type Routes = Paths;
