/** What we call ourselves in git's protocol. */
export const agent = "switchyard/0.1";
