// Calls of the program. Owns what every call carries, and that a failure is an Error whose message is for the reader.
import { language, say } from "./words.js";

let functions = {};
export const here = { corpus: "" };

export function connect(server) {
  functions = server;
}

export async function call(name, wish = {}) {
  const told = await functions[name]({ corpus: here.corpus, language: language(), ...wish });
  // Gradio gives nothing where the program did not answer.
  if (!told) {
    throw new Error(say("disconnected"));
  }
  const reply = JSON.parse(told);
  if (reply.error && name !== "state") {
    throw new Error(reply.error);
  }
  return reply;
}
