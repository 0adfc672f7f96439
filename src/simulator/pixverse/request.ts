import { z } from "zod";
import { perClip, perSecond, qualities } from "./models.data.ts";

const seed = z.number().int().min(0).max(2_147_483_647).optional();
const flag = z.boolean().optional();

const common = {
  prompt: z.string().min(1).max(5_000),
  model: z.enum([...Object.keys(perSecond), ...Object.keys(perClip)] as [string, ...string[]]),
  duration: z.number().int(),
  quality: z.enum(qualities),
  negative_prompt: z.string().max(2_048).optional(),
  seed,
  style: z.enum(["anime", "3d_animation", "clay", "comic", "cyberpunk"]).optional(),
  motion_mode: z.enum(["normal", "fast"]).optional(),
  camera_movement: z.string().optional(),
  template_id: z.number().int().optional(),
  water_mark: flag,
  generate_audio_switch: flag,
  generate_multi_clip_switch: flag,
  sound_effect_switch: flag,
  sound_effect_content: z.string().optional(),
  lip_sync_tts_switch: flag,
  lip_sync_tts_content: z.string().optional(),
  lip_sync_tts_speaker_id: z.string().optional(),
};
const aspect_ratio = z.enum(["16:9", "4:3", "1:1", "3:4", "9:16", "2:3", "3:2", "21:9"]);
const imgId = z.number().int().min(1);

/** The routes that film, with what each takes besides what all take. */
export const routes = {
  text: z.strictObject({ ...common, aspect_ratio }),
  img: z.strictObject({ ...common, img_id: imgId.optional(), img_ids: z.array(imgId).optional() }),
  transition: z.strictObject({ ...common, first_frame_img: imgId, last_frame_img: imgId }),
  extend: z.strictObject({
    ...common,
    source_video_id: z.number().int().optional(),
    video_media_id: z.number().int().optional(),
  }),
  fusion: z.strictObject({
    ...common,
    aspect_ratio,
    image_references: z
      .array(
        z.strictObject({ type: z.enum(["subject", "background"]), img_id: imgId, ref_name: z.string().min(1).max(30) }),
      )
      .min(1),
    video_references: z.array(z.unknown()).optional(),
  }),
} as const;

export type Asked = z.output<typeof routes.text> & {
  readonly img_id?: number | undefined;
  readonly img_ids?: readonly number[] | undefined;
  readonly first_frame_img?: number;
  readonly last_frame_img?: number;
  readonly source_video_id?: number | undefined;
  readonly video_media_id?: number | undefined;
  readonly image_references?: readonly { readonly img_id: number; readonly ref_name: string }[];
};

/** What is wrong with a body that has the right shape, or null. */
export function issueOf(route: keyof typeof routes, asked: Asked): string | null {
  const { model, duration, quality } = asked;
  const isNew = perSecond[model] !== undefined;
  const version = Number(model.slice(1)) || 7;
  const lengths = isNew ? null : Object.keys(perClip[model] ?? {}).map(Number);
  if (isNew && (duration < 1 || duration > 15)) return "duration must be from 1 to 15";
  if (lengths && !lengths.includes(duration)) return `duration must be one of ${lengths.join(", ")}`;
  if (lengths && perClip[model]?.[duration]?.[qualities.indexOf(quality)] === undefined)
    return `${quality} is not supported with duration ${duration}`;
  if (!isNew && ["2:3", "3:2", "21:9"].includes(asked.aspect_ratio))
    return `aspect_ratio ${asked.aspect_ratio} is not supported by ${model}`;
  if (asked.motion_mode !== undefined && version > 4.5) return `motion_mode is not supported by ${model}`;
  if (asked.camera_movement !== undefined && !["v4", "v4.5"].includes(model))
    return `camera_movement is not supported by ${model}`;
  if (asked.generate_audio_switch !== undefined && version < 5.5)
    return `generate_audio_switch is not supported by ${model}`;
  if (asked.generate_multi_clip_switch !== undefined && !["v5.5", "v6"].includes(model))
    return `generate_multi_clip_switch is not supported by ${model}`;
  if (route === "img" && (asked.img_id === undefined) === (asked.img_ids === undefined))
    return "img_id is required, or img_ids with a template";
  if (route === "img" && asked.img_ids !== undefined && asked.template_id === undefined)
    return "img_ids requires template_id";
  if (route === "extend" && (asked.source_video_id === undefined) === (asked.video_media_id === undefined)) {
    return "exactly one of source_video_id and video_media_id is required";
  }
  const unnamed = asked.image_references?.find(({ ref_name }) => !asked.prompt.includes(`@${ref_name}`));
  return unnamed ? `prompt must mention @${unnamed.ref_name}` : null;
}

/** Credits a film costs. */
export function creditsOf({
  model,
  duration,
  quality,
  generate_audio_switch: withAudio,
  generate_multi_clip_switch: isMulti,
  motion_mode: motion,
}: Asked): number {
  const at = qualities.indexOf(quality);
  const second = perSecond[model]?.[withAudio ? "audio" : "silent"][at];
  if (second !== undefined) return second * duration;
  const clip = perClip[model]?.[duration]?.[at] ?? 0;
  return clip * (motion === "fast" ? 2 : 1) + (model === "v5.5" ? (withAudio ? 10 : 0) + (isMulti ? 30 : 0) : 0);
}
