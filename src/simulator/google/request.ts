import { z } from "zod";

/** The body of `generateContent` and `streamGenerateContent`: an unknown field is an error. */

const blob = z.strictObject({ mimeType: z.string(), data: z.string(), displayName: z.string().optional() });

const part = z.strictObject({
  text: z.string().optional(),
  thought: z.boolean().optional(),
  thoughtSignature: z.string().optional(),
  inlineData: blob.optional(),
  fileData: z.strictObject({ mimeType: z.string().optional(), fileUri: z.string() }).optional(),
  functionCall: z
    .strictObject({
      id: z.string().optional(),
      name: z.string(),
      args: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
  functionResponse: z
    .strictObject({
      id: z.string().optional(),
      name: z.string(),
      response: z.record(z.string(), z.unknown()),
      parts: z.array(z.strictObject({ inlineData: blob.optional(), fileData: z.unknown().optional() })).optional(),
    })
    .optional(),
  mediaResolution: z.unknown().optional(),
  speechMetadata: z.strictObject({ speaker: z.string().optional(), style: z.string().optional() }).optional(),
  videoMetadata: z.unknown().optional(),
});

export const content = z.strictObject({ role: z.string().optional(), parts: z.array(part) });

const jsonSchema = z.record(z.string(), z.unknown());

const tool = z.strictObject({
  functionDeclarations: z
    .array(
      z.strictObject({
        name: z.string(),
        description: z.string().optional(),
        parameters: jsonSchema.optional(),
        parametersJsonSchema: jsonSchema.optional(),
        response: jsonSchema.optional(),
        responseJsonSchema: jsonSchema.optional(),
        behavior: z.string().optional(),
      }),
    )
    .optional(),
  googleSearch: z.looseObject({}).optional(),
  codeExecution: z.looseObject({}).optional(),
  urlContext: z.looseObject({}).optional(),
});

const modality = z.enum(["TEXT", "IMAGE", "AUDIO"]);

const voiceConfig = z.strictObject({ prebuiltVoiceConfig: z.strictObject({ voiceName: z.string().min(1) }) });

const generationConfig = z.strictObject({
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  topK: z.number().min(0).optional(),
  maxOutputTokens: z.number().int().min(1).optional(),
  stopSequences: z.array(z.string()).max(5).optional(),
  candidateCount: z.number().int().min(1).max(8).optional(),
  seed: z.number().int().optional(),
  presencePenalty: z.number().optional(),
  frequencyPenalty: z.number().optional(),
  responseLogprobs: z.boolean().optional(),
  logprobs: z.number().int().min(0).max(20).optional(),
  responseMimeType: z.enum(["text/plain", "application/json", "text/x.enum"]).optional(),
  responseSchema: jsonSchema.optional(),
  responseJsonSchema: jsonSchema.optional(),
  responseModalities: z.array(modality).optional(),
  responseFormat: z
    .strictObject({
      audio: z.strictObject({ mimeType: z.enum(["AUDIO_WAV", "AUDIO_L16", "AUDIO_MULAW", "AUDIO_ALAW"]) }).optional(),
    })
    .optional(),
  mediaResolution: z.string().optional(),
  speechConfig: z
    .strictObject({
      languageCode: z.string().optional(),
      voiceConfig: voiceConfig.optional(),
      multiSpeakerVoiceConfig: z
        .strictObject({ speakerVoiceConfigs: z.array(z.strictObject({ speaker: z.string(), voiceConfig })) })
        .optional(),
    })
    .optional(),
  thinkingConfig: z
    .strictObject({
      includeThoughts: z.boolean().optional(),
      thinkingBudget: z.number().int().optional(),
      thinkingLevel: z.enum(["MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"]).optional(),
    })
    .optional(),
  imageConfig: z
    .strictObject({ aspectRatio: z.string().optional(), imageSize: z.enum(["512", "1K", "2K", "4K"]).optional() })
    .optional(),
  audioTranscriptionConfig: z.unknown().optional(),
});

export const generateRequest = z.strictObject({
  model: z.string().optional(),
  contents: z.array(content).min(1),
  systemInstruction: content.optional(),
  tools: z.array(tool).optional(),
  toolConfig: z
    .strictObject({
      functionCallingConfig: z
        .strictObject({
          mode: z.enum(["AUTO", "ANY", "NONE", "VALIDATED"]).optional(),
          allowedFunctionNames: z.array(z.string()).optional(),
        })
        .optional(),
    })
    .optional(),
  safetySettings: z
    .array(
      z.strictObject({
        category: z.enum([
          "HARM_CATEGORY_HARASSMENT",
          "HARM_CATEGORY_HATE_SPEECH",
          "HARM_CATEGORY_SEXUALLY_EXPLICIT",
          "HARM_CATEGORY_DANGEROUS_CONTENT",
        ]),
        threshold: z.enum(["BLOCK_NONE", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_LOW_AND_ABOVE", "OFF"]),
      }),
    )
    .optional(),
  generationConfig: generationConfig.optional(),
  cachedContent: z.string().optional(),
  serviceTier: z.enum(["flex", "standard", "priority"]).optional(),
  store: z.boolean().optional(),
  continuationToken: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
});

export type GenerateRequest = z.output<typeof generateRequest>;
export type Content = z.output<typeof content>;
export type Part = z.output<typeof part>;
