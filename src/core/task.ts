/** What a model does. One request shape and one result shape for each. */
export const tasks = [
  "text",
  "embedding",
  "image",
  "video",
  "speech",
  "transcription",
  "music",
  "moderation",
  "rerank",
  "classification",
  "realtime",
] as const;

export type Task = (typeof tasks)[number];
