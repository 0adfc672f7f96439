import fc from "fast-check";
import { expect, test } from "vitest";
import { type FormPart, multipart } from "../../src/providers/multipart.ts";

test("a form is what the platform's own parser reads, in order, files byte for byte", async () => {
  const name = fc.string({ minLength: 1, unit: "grapheme-ascii" }).filter((text) => !/["\\%]/.test(text));
  const part: fc.Arbitrary<FormPart> = fc.oneof(
    fc.record({ name, value: fc.string({ unit: "grapheme" }) }),
    fc.record({ name, bytes: fc.uint8Array(), fileName: fc.constant("a.wav"), mediaType: fc.constant("audio/wav") }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async (parts) => {
      const { contentType, body } = multipart(parts);
      const form = await new Response(body, { headers: { "content-type": contentType } }).formData();
      const read = await Promise.all(
        [...form].map(async ([key, value]) => [
          key,
          typeof value === "string" ? value : Buffer.from(await value.arrayBuffer()),
        ]),
      );
      expect(read).toEqual(parts.map((one) => [one.name, "bytes" in one ? Buffer.from(one.bytes) : one.value]));
    }),
  );
});

test("a part that holds the boundary gets another one, and names cannot break out of their header", async () => {
  const first = multipart([{ name: "a", value: "" }]);
  const boundary = first.contentType.split("boundary=")[1] ?? "";
  const second = multipart([{ name: 'a"\r\nx: y', value: `--${boundary}--` }]);
  expect(second.contentType).not.toBe(first.contentType);
  expect(Buffer.from(second.body).toString()).not.toContain("\r\nx: y");
});
