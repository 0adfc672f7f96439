import { createHash } from "node:crypto";

/**
 * Signatures of simulated providers: opaque to clients, checkable without a memory of what was handed out, and the
 * same for the same content. They prove that a client sends back what it was given; they are not secret.
 */
export function seal(purpose: string, content: string): string {
  const digest = createHash("sha256").update(`switchyard simulator\0${purpose}\0${content}`).digest();
  return Buffer.concat([Buffer.from(`simulated ${purpose} `), digest]).toString("base64");
}

export function isSealOf(signature: string, purpose: string, content: string): boolean {
  return signature === seal(purpose, content);
}
