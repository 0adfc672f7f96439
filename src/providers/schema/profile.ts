/** Which part of JSON Schema a provider can hold an answer to, and what becomes of the rest. */
export interface SchemaProfile {
  /** As it reads in a refusal: "OpenAI's structured output". */
  readonly name: string;
  /** Every property has to be required; an optional one is made nullable. */
  readonly allRequired: boolean;
  /** Every object has to say `additionalProperties: false`. */
  readonly closedObjects: boolean;
  /** Whether a schema may refer to itself. */
  readonly recursion: boolean;
  /** `const` is not known; a list of one value says the same. */
  readonly constAsEnum: boolean;
  /** Constraints the provider rejects, told to the model in the description in their place. */
  readonly described: ReadonlySet<string>;
  /** Values of `format` that are known; others go to the description. `null`: any. */
  readonly formats: ReadonlySet<string> | null;
}

const lengths = [
  "minLength",
  "maxLength",
  "uniqueItems",
  "minProperties",
  "maxProperties",
  "contentEncoding",
  "contentMediaType",
];

/** Strict mode of OpenAI's `json_schema`. */
export const openaiStrict: SchemaProfile = {
  name: "OpenAI's structured output",
  allRequired: true,
  closedObjects: true,
  recursion: true,
  constAsEnum: false,
  described: new Set(lengths),
  formats: new Set(["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"]),
};

/** Anthropic's `output_config.format`. */
export const anthropicFormat: SchemaProfile = {
  name: "Anthropic's structured output",
  allRequired: false,
  closedObjects: true,
  recursion: false,
  constAsEnum: false,
  described: new Set([
    ...lengths,
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "pattern",
    "maxItems",
    "minItems",
    "not",
  ]),
  formats: new Set(["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"]),
};

/** Gemini's `responseJsonSchema`. */
export const googleJsonSchema: SchemaProfile = {
  name: "Gemini's structured output",
  allRequired: false,
  closedObjects: false,
  recursion: true,
  constAsEnum: true,
  described: new Set([...lengths, "pattern", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
  formats: null,
};
