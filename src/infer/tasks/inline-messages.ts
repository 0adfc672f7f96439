import type { Caller } from "../../core/caller.ts";
import type { Message, MessagePart } from "../../providers/shapes/message.ts";
import type { InferArgs } from "../request.ts";
import { type MediaSources, resolveMedia } from "./media-input.ts";

/**
 * A call whose messages hold the bytes of what they name by blob or artifact, or by a URL that nobody else can reach.
 * @throws not_found, too_large, invalid_request; forbidden for a URL into the local network.
 */
export async function inlineMessages(args: InferArgs, caller: Caller, sources: MediaSources): Promise<InferArgs> {
  if (!args.messages?.some(namesMedia)) return args;
  const messages = await Promise.all(
    args.messages.map((message, at) => inlined(message, `messages[${at}]`, caller, sources)),
  );
  return { ...args, messages };
}

function namesMedia({ content }: Message): boolean {
  return typeof content !== "string" && content.some(isByHandle);
}

function isByHandle(part: MessagePart): boolean {
  if (part.type === "text" || part.type === "reasoning") return false;
  return part.blob !== undefined || part.artifact !== undefined || /^https?:/i.test(part.url ?? "");
}

async function inlined(message: Message, field: string, caller: Caller, sources: MediaSources): Promise<Message> {
  if (typeof message.content === "string") return message;
  const content = await Promise.all(
    message.content.map(async (part, at): Promise<MessagePart> => {
      if (part.type === "text" || part.type === "reasoning" || !isByHandle(part)) return part;
      const { type, ...media } = part;
      return { type, ...(await resolveMedia(media, `${field}.content[${at}]`, caller, sources)) };
    }),
  );
  return { ...message, content };
}
