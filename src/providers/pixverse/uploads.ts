import { inputFile, inputSource } from "../input-media.ts";
import { missing } from "../media-answer.ts";
import { type FormPart, multipart } from "../multipart.ts";
import { asCount } from "../narrow.ts";
import type { MediaInput } from "../shapes/media.ts";
import type { VideoRequest } from "../shapes/video.ts";
import type { Upload } from "../task-adapter.ts";
import { envelopeOf, pixverseRequest } from "./native.ts";

type Params = VideoRequest["params"];

/** Every image and video goes up first: films are made from numbers alone. */
export function uploadsOf({ params }: VideoRequest): readonly Upload<VideoRequest>[] {
  const { first_frame, last_frame, reference_images = [], video } = params;
  return [
    ...(first_frame ? [upload("image", first_frame, (given, input) => ({ ...given, first_frame: input }))] : []),
    ...(last_frame ? [upload("image", last_frame, (given, input) => ({ ...given, last_frame: input }))] : []),
    ...reference_images.map((image, at) =>
      upload("image", image, (given, input) => ({
        ...given,
        reference_images: given.reference_images?.map((one, index) => (index === at ? input : one)),
      })),
    ),
    ...(video ? [upload("video", video, (given, input) => ({ ...given, video: input }))] : []),
  ];
}

function upload(
  kind: "image" | "video",
  input: MediaInput,
  put: (params: Params, reference: MediaInput) => Params,
): Upload<VideoRequest> {
  return {
    request: (credentials) => {
      const { contentType, body } = multipart([partOf(kind, input)]);
      const path = kind === "image" ? "/image/upload" : "/media/upload";
      return pixverseRequest(path, credentials, { contentType, body });
    },
    uploaded: (answer, request) => {
      const read = envelopeOf(answer);
      if ("failure" in read) return read;
      const { resp } = read;
      // The name depends on how the image came.
      const id = asCount(resp.img_id) ?? asCount(resp.ImgID) ?? asCount(resp.media_id);
      if (id === undefined) return missing("number of the upload");
      return { ...request, params: put(request.params, { reference: String(id) }) };
    },
  };
}

function partOf(kind: "image" | "video", input: MediaInput): FormPart {
  const source = inputSource(kind, input);
  const name = kind === "image" ? "image" : "file";
  return source.kind === "url" ? { name: `${name}_url`, value: source.url } : { name, ...inputFile(kind, input) };
}
