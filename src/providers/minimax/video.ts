import type { VideoRequest, VideoResult } from "../shapes/video.ts";
import type { TaskFor } from "../task-adapter.ts";
import { h3Video } from "./h3-video.ts";
import { hailuoVideo } from "./hailuo-video.ts";

/** The H3 models have routes and words of their own. */
export const video: TaskFor<VideoRequest, VideoResult> = ({ nativeId }) =>
  nativeId.startsWith("MiniMax-H") && !nativeId.startsWith("MiniMax-Hailuo") ? h3Video : hailuoVideo;
