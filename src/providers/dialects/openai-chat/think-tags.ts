const open = "<think>";
const close = "</think>";

/** What a piece of content came to once reasoning and text are told apart. */
export interface Apart {
  readonly reasoning: string;
  readonly text: string;
}

/**
 * Tells reasoning from text where a model writes both into its content, the reasoning first, between `<think>` and
 * `</think>`. A tag may be split over any number of pieces; tags later in the text are text.
 */
export class ThinkTags {
  #state: "begin" | "reasoning" | "after" | "text" = "begin";
  /** What may still turn out to be part of a tag. */
  #held = "";

  push(piece: string): Apart {
    if (this.#state === "text") return { reasoning: "", text: piece };
    this.#held += piece;
    if (this.#state === "begin") {
      const start = this.#held.trimStart();
      if (start.length < open.length && open.startsWith(start)) return { reasoning: "", text: "" };
      if (!start.startsWith(open)) return this.#rest();
      this.#state = "reasoning";
      this.#held = start.slice(open.length);
    }
    if (this.#state === "after") return this.#afterTag("");
    const end = this.#held.indexOf(close);
    if (end < 0) {
      const kept = possibleTag(this.#held);
      const reasoning = this.#held.slice(0, this.#held.length - kept);
      this.#held = this.#held.slice(this.#held.length - kept);
      return { reasoning, text: "" };
    }
    const reasoning = this.#held.slice(0, end);
    this.#held = this.#held.slice(end + close.length);
    this.#state = "after";
    return this.#afterTag(reasoning);
  }

  /** What was held back, once nothing more comes. */
  flush(): Apart {
    const held = this.#held;
    this.#held = "";
    return this.#state === "reasoning" ? { reasoning: held, text: "" } : { reasoning: "", text: held };
  }

  /** Line breaks between the closing tag and the text belong to neither. */
  #afterTag(reasoning: string): Apart {
    this.#held = this.#held.trimStart();
    if (this.#held === "") return { reasoning, text: "" };
    return { ...this.#rest(), reasoning };
  }

  #rest(): Apart {
    const text = this.#held;
    this.#held = "";
    this.#state = "text";
    return { reasoning: "", text };
  }
}

/** How many characters at the end of a text may be the beginning of a closing tag. */
function possibleTag(text: string): number {
  for (let length = Math.min(close.length - 1, text.length); length > 0; length--) {
    if (close.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
