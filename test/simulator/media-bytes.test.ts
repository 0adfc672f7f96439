import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type AudioFormat, hearAudio, makeSpeech, secondsToSay, transcribe } from "../../src/simulator/media/audio.ts";
import { makeImage, readImage } from "../../src/simulator/media/image.ts";
import { makeMp4, readMp4 } from "../../src/simulator/media/mp4.ts";
import { parseMultipart, readForm } from "../../src/simulator/media/multipart.ts";
import { crc32Ogg } from "../../src/simulator/media/ogg-crc.ts";
import { toSrt, toVtt } from "../../src/simulator/media/subtitles.ts";

describe("images", () => {
  test.each(["png", "jpeg", "webp"] as const)("a %s says its size, is small, and follows from its seed", (format) => {
    const made = makeImage(format, 1_200, 640, "a kite");
    expect(readImage(made)).toMatchObject({ format, width: 1_200, height: 640 });
    expect(made.length).toBeLessThan(10_000);
    expect(makeImage(format, 1_200, 640, "a kite").equals(made)).toBe(true);
    expect(makeImage(format, 1_200, 640, "a boat").equals(made)).toBe(false);
  });

  test("a PNG holds as many rows as it says", () => {
    const png = makeImage("png", 100, 30, "x");
    const at = png.indexOf("IDAT");
    const data = png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
    expect(inflateSync(data)).toHaveLength((Math.ceil(100 / 8) + 1) * 30);
    expect(readImage(makeImage("png", 8, 8, "x", true))?.alpha).toBe(true);
    expect(readImage(png)?.alpha).toBe(false);
  });

  test("a JPEG's scan has no byte that would have to be escaped", () => {
    for (let index = 0; index < 300; index += 1) {
      const jpeg = makeImage("jpeg", 24, 24, `seed ${index}`);
      const scan = jpeg.subarray(jpeg.indexOf(Buffer.from([0xff, 0xda])) + 10, -2);
      expect(scan.includes(0xff)).toBe(false);
    }
  });
});

describe("sound", () => {
  const text = "Hello from the simulated voice.";
  test.each(["wav", "mp3", "flac", "opus", "mulaw_wav"] as const)("a %s is heard as sound", (format: AudioFormat) => {
    const heard = hearAudio(makeSpeech(text, format));
    expect(heard?.seconds).toBeGreaterThan(0);
    if (format === "wav" || format === "mp3") expect(heard?.seconds).toBeCloseTo(secondsToSay(text), 1);
  });

  test("what a simulator says, a simulator hears, in WAV and MP3", () => {
    for (const format of ["wav", "mp3"] as const) {
      const heard = hearAudio(makeSpeech("Blåbær & sønn – 3 kg", format));
      expect(heard?.spoken).toBe("Blåbær & sønn – 3 kg");
    }
    const transcript = transcribe({ seconds: 4, spoken: "one two three four" }, "x/y");
    expect(transcript.words.map(({ text: word, start, end }) => [word, start, end])).toEqual([
      ["one", 0, 1],
      ["two", 1, 2],
      ["three", 2, 3],
      ["four", 3, 4],
    ]);
    expect(toSrt(transcript)).toBe("1\n00:00:00,000 --> 00:00:04,000\none two three four\n");
    expect(toVtt(transcript)).toContain("00:00:00.000 --> 00:00:04.000");
  });

  test("a page of Ogg has the right checksum", () => {
    const page = makeSpeech("x", "opus").subarray(0, 47);
    const said = page.readUInt32LE(22);
    const copy = Buffer.from(page);
    copy.writeUInt32LE(0, 22);
    expect(crc32Ogg(copy)).toBe(said);
    // The check value that is published for this polynomial.
    expect(crc32Ogg(Buffer.from("123456789"))).toBe(0x89a1897f);
  });

  test("bytes of no known kind are not heard", () => {
    expect(hearAudio(Buffer.from("not audio at all, only text that goes on"))).toBeNull();
  });
});

test("an MP4 says its size and length, and its samples lie where it says", () => {
  const made = makeMp4(640, 360, 5, "x");
  expect(readMp4(made)).toEqual({ width: 640, height: 360, seconds: 5 });
  const stco = made.indexOf("stco");
  const offset = made.readUInt32BE(stco + 12);
  const stsz = made.indexOf("stsz");
  const first = made.subarray(offset, offset + made.readUInt32BE(stsz + 16));
  expect(readImage(first)).toMatchObject({ format: "jpeg", width: 640, height: 360 });
  let at = 0;
  const boxes: string[] = [];
  while (at < made.length) {
    boxes.push(made.toString("latin1", at + 4, at + 8));
    at += made.readUInt32BE(at);
  }
  expect(boxes).toEqual(["ftyp", "moov", "mdat"]);
  expect(at).toBe(made.length);
});

describe("multipart forms", () => {
  test("are read as a browser writes them", async () => {
    const form = new FormData();
    form.append("model", "m");
    form.append("tag[]", "a");
    form.append("tag[]", "b");
    form.append("file", new Blob([Buffer.from([0, 13, 10, 45, 45, 255])], { type: "audio/wav" }), 'we"ird.wav');
    const response = new Response(form);
    const parts = parseMultipart(response.headers.get("content-type") ?? "", Buffer.from(await response.arrayBuffer()));
    const { fields, files } = readForm(parts ?? []);
    expect(fields).toEqual({ model: "m", tag: ["a", "b"] });
    expect(files.map(({ name, contentType, data }) => [name, contentType, [...data]])).toEqual([
      ["file", "audio/wav", [0, 13, 10, 45, 45, 255]],
    ]);
  });

  test("that are cut or of another type are none", () => {
    expect(parseMultipart("application/json", Buffer.from("{}"))).toBeNull();
    expect(
      parseMultipart(
        "multipart/form-data; boundary=x",
        Buffer.from("--x\r\nContent-Disposition: form-data; name=a\r\n\r\nv"),
      ),
    ).toBeNull();
  });
});
