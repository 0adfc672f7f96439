import { fromUrl } from "../media-answer.ts";
import { asCount } from "../narrow.ts";
import type { VideoResult } from "../shapes/video.ts";
import type { Job } from "../task-adapter.ts";

/** The films that a task's links lead to, undefined when they lead to none. */
export function videosOf(links: readonly unknown[], { data }: Job): VideoResult | undefined {
  const durationS = asCount(data?.seconds);
  const videos = links
    .flatMap((link) => fromUrl(link, "video/mp4") ?? [])
    .map((found) => ({ ...found, ...(durationS !== undefined && { durationS }) }));
  return videos.length > 0 ? { videos } : undefined;
}
