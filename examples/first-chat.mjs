// One conversation from ring to rating, over REST alone.
//
//   make run                       # in another terminal
//   node examples/first-chat.mjs
//
// Nothing to install: it uses the `fetch` that Node brings along. It shows the
// two planes (a visitor's token and an agent's token), how to send a message
// exactly once, and where to find the conversation afterwards.

const base = process.env.DESKBELL_URL ?? "http://127.0.0.1:8080";

/** Calls the API; a refusal becomes an error that says what the server said. */
async function call(token, method, path, body) {
  const response = await fetch(`${base}/api/v1${path}`, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body && { "content-type": "application/json" }),
    },
    body: body && JSON.stringify(body),
  });
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${answer.status} ${answer.code}: ${answer.detail}`);
  return answer;
}

// An agent logs in. Without a socket she is offline and gets no chats by
// herself, so she will take this one by hand.
const login = await call(null, "POST", "/auth/login", {
  tenant: "demo",
  email: "ana@demo.test",
  password: "deskbell-demo",
});
const agent = login.access_token;

// A visitor rings. The secret makes it the same visitor next time; a real page
// keeps it in the browser.
const visitor = await call(null, "POST", "/widget/sessions", { inbox: "demo-web" });

// A `client_msg_id` of our own choice makes sending safe to repeat: the same id
// is the same message, however often it arrives.
const once = () => crypto.randomUUID();
const conversation = await call(visitor.token, "POST", "/widget/conversations", {
  client_msg_id: once(),
  text: "Where is my parcel?",
  subject: "Late delivery",
  attributes: { order_id: "A-1001" },
});
console.log(`${conversation.id} is ${conversation.status}`);

await call(agent, "POST", `/conversations/${conversation.id}/assign`, { agent_id: login.agent.id });
const message = { client_msg_id: once(), text: "Let me look. It left the depot this morning." };
const first = await call(agent, "POST", `/conversations/${conversation.id}/messages`, message);
const again = await call(agent, "POST", `/conversations/${conversation.id}/messages`, message);
console.log(`sent twice, one message: ${first.message_id === again.message_id}`);

await call(agent, "POST", `/conversations/${conversation.id}/resolve`, { reason: "Answered" });
await call(visitor.token, "POST", `/widget/conversations/${conversation.id}/rating`, { score: 5, comment: "Quick!" });

const { items } = await call(agent, "GET", `/conversations/${conversation.id}/messages`);
for (const { seq, sender, text } of items) console.log(`${seq} ${sender.type ?? sender.kind}: ${text}`);
