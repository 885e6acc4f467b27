// Calls of the program. Owns what every call carries, and that a failure is an Error whose message is for the reader.
import { language, say } from "./words.js";

let functions = {};
export const here = { corpus: "" };

export function connect(server) {
  functions = server;
}

export async function call(name, wish = {}) {
  // Gradio gives nothing where the program did not answer.
  const reply = await functions[name]({ corpus: here.corpus, language: language(), ...wish });
  if (!reply) {
    throw new Error(say("disconnected"));
  }
  if (reply.error && name !== "state") {
    throw new Error(reply.error);
  }
  return reply;
}
