/**
 * Fields of Runway's models by endpoint, besides `model`. A type is words between bars, `number`, `string`, `boolean`, or
 * the name of a shape in `request.ts`; `*` among words lets any text through.
 */
export const endpoints: Readonly<
  Record<string, Readonly<Record<string, { readonly required: Fields; readonly optional: Fields }>>>
> = {
  text_to_video: {
    "gen4.5": {
      required: { duration: "number", promptText: "string", ratio: "1280:720|720:1280" },
      optional: {
        contentModeration: "ContentModeration",
        outputFormat:
          "mp4|prores|png_sequence|hdr10|hlg|sdr_rec709_10bit|hdr_pq_12bit_master|hdr_prores|hdr_png_sequence|hdr_exr_sequence|hdr_exr_acescg_sequence_1_3|hdr_exr_acescg_sequence_2_0",
        proresProfile: "422|4444|422 Proxy|422 LT|422 HQ|4444 XQ",
        seed: "number",
      },
    },
    "veo3.1": {
      required: { promptText: "string", ratio: "1280:720|720:1280|1080:1920|1920:1080" },
      optional: { audio: "boolean", duration: "4|6|8", negativePrompt: "string", seed: "number" },
    },
    "veo3.1_fast": {
      required: { promptText: "string", ratio: "1280:720|720:1280|1080:1920|1920:1080" },
      optional: { audio: "boolean", duration: "4|6|8", negativePrompt: "string", seed: "number" },
    },
    hailuo3: {
      required: { promptText: "string" },
      optional: {
        duration: "number",
        ratio: "adaptive|21:9|16:9|4:3|1:1|3:4|9:16",
        referenceAudio: "References",
        references: "References",
        referenceVideos: "References",
        resolution: "768p|2k|768P|2K",
      },
    },
    happyhorse_1_0: {
      required: { promptText: "string" },
      optional: {
        duration: "number",
        ratio: "1280:720|720:1280|960:960|1108:832|832:1108|1920:1080|1080:1920|1440:1440|1662:1248|1248:1662",
      },
    },
    seedance2: {
      required: { promptText: "string" },
      optional: {
        audio: "boolean",
        duration: "number|auto",
        ratio:
          "992:432|864:496|752:560|640:640|560:752|496:864|1470:630|1280:720|1112:834|960:960|834:1112|720:1280|2206:946|1920:1080|1664:1248|1440:1440|1248:1664|1080:1920|3840:1646|3840:2160|3840:2880|3840:3840|2880:3840|2160:3840",
        referenceAudio: "References",
        references: "References",
        referenceVideos: "References",
        seed: "number",
      },
    },
    seedance2_fast: {
      required: { promptText: "string" },
      optional: {
        audio: "boolean",
        duration: "number|auto",
        ratio: "992:432|864:496|752:560|640:640|560:752|496:864|1470:630|1280:720|1112:834|960:960|834:1112|720:1280",
        referenceAudio: "References",
        references: "References",
        referenceVideos: "References",
        seed: "number",
      },
    },
    seedance2_mini: {
      required: { promptText: "string" },
      optional: {
        audio: "boolean",
        duration: "number|auto",
        ratio: "992:432|864:496|752:560|640:640|560:752|496:864|1470:630|1280:720|1112:834|960:960|834:1112|720:1280",
        referenceAudio: "References",
        references: "References",
        referenceVideos: "References",
        seed: "number",
      },
    },
    gemini_omni_flash: {
      required: { promptText: "string" },
      optional: { duration: "number", ratio: "1280:720|720:1280" },
    },
    seedance2_5: {
      required: {},
      optional: {
        audio: "boolean",
        duration: "number|auto",
        promptText: "string",
        ratio:
          "992:432|854:480|752:560|640:640|560:752|480:854|1470:630|1280:720|1112:834|960:960|834:1112|720:1280|2206:946|1920:1080|1664:1248|1440:1440|1248:1664|1080:1920",
        referenceAudio: "References",
        references: "References",
        referenceVideos: "References",
        seed: "number",
      },
    },
    grok_imagine_1_5: {
      required: { promptText: "string" },
      optional: {
        duration: "number",
        ratio: "1:1|16:9|9:16|4:3|3:4|3:2|2:3",
        referenceAudio: "References",
        references: "References",
        resolution: "480p|720p|1080p",
      },
    },
    wan3: {
      required: { promptText: "string" },
      optional: {
        audio: "boolean",
        duration: "number",
        ratio:
          "832:480|720:544|624:624|544:720|480:832|1280:720|1104:832|960:960|832:1104|720:1280|1920:1080|1648:1248|1440:1440|1248:1648|1080:1920|auto_480p|auto_720p|auto_1080p",
        referenceAudio: "References",
        references: "References",
        referenceVideos: "References",
      },
    },
    "gemini_omni_flash_1.1": {
      required: { promptText: "string" },
      optional: {
        duration: "auto|number",
        ratio: "640:360|360:640|1280:720|720:1280|1920:1080|1080:1920|3840:2160|2160:3840",
        references: "References",
        referenceVideos: "References",
      },
    },
    wan3_prime: {
      required: { promptText: "string" },
      optional: {
        audio: "boolean",
        duration: "number",
        ratio:
          "832:480|720:544|624:624|544:720|480:832|1280:720|1104:832|960:960|832:1104|720:1280|1920:1080|1648:1248|1440:1440|1248:1648|1080:1920|auto_480p|auto_720p|auto_1080p",
        referenceAudio: "References",
        references: "References",
        referenceVideos: "References",
      },
    },
    h3_max: {
      required: { promptText: "string" },
      optional: {
        duration: "number",
        promptExpansionMode: "disabled|balanced|quality",
        resolution: "480p|768p",
        seed: "number",
      },
    },
  },
  image_to_video: {
    "gen4.5": {
      required: {
        duration: "number",
        promptImage: "PromptImage",
        promptText: "string",
        ratio: "1280:720|720:1280|1104:832|960:960|832:1104|1584:672",
      },
      optional: {
        contentModeration: "ContentModeration",
        outputFormat:
          "mp4|prores|png_sequence|hdr10|hlg|sdr_rec709_10bit|hdr_pq_12bit_master|hdr_prores|hdr_png_sequence|hdr_exr_sequence|hdr_exr_acescg_sequence_1_3|hdr_exr_acescg_sequence_2_0",
        proresProfile: "422|4444|422 Proxy|422 LT|422 HQ|4444 XQ",
        seed: "number",
      },
    },
    gen4_turbo: {
      required: {
        promptImage: "PromptImage",
        ratio: "1280:720|720:1280|1104:832|832:1104|960:960|1584:672",
      },
      optional: { contentModeration: "ContentModeration", duration: "number", promptText: "string", seed: "number" },
    },
    "veo3.1": {
      required: { promptImage: "PromptImage", ratio: "1280:720|720:1280|1080:1920|1920:1080" },
      optional: { audio: "boolean", duration: "4|6|8", negativePrompt: "string", promptText: "string", seed: "number" },
    },
    "veo3.1_fast": {
      required: { promptImage: "PromptImage", ratio: "1280:720|720:1280|1080:1920|1920:1080" },
      optional: { audio: "boolean", duration: "4|6|8", negativePrompt: "string", promptText: "string", seed: "number" },
    },
    hailuo3: {
      required: { promptImage: "PromptImage", promptText: "string" },
      optional: {
        duration: "number",
        ratio: "adaptive|21:9|16:9|4:3|1:1|3:4|9:16",
        referenceAudio: "References",
        resolution: "768p|2k|768P|2K",
      },
    },
    happyhorse_1_0: {
      required: { promptImage: "PromptImage" },
      optional: { duration: "number", promptText: "string", resolution: "720p|1080p|720P|1080P" },
    },
    seedance2: {
      required: { promptImage: "PromptImage" },
      optional: {
        audio: "boolean",
        duration: "number|auto",
        promptText: "string",
        ratio:
          "992:432|864:496|752:560|640:640|560:752|496:864|1470:630|1280:720|1112:834|960:960|834:1112|720:1280|2206:946|1920:1080|1664:1248|1440:1440|1248:1664|1080:1920|3840:1646|3840:2160|3840:2880|3840:3840|2880:3840|2160:3840",
        referenceAudio: "References",
        seed: "number",
      },
    },
    seedance2_fast: {
      required: { promptImage: "PromptImage" },
      optional: {
        audio: "boolean",
        duration: "number|auto",
        promptText: "string",
        ratio: "992:432|864:496|752:560|640:640|560:752|496:864|1470:630|1280:720|1112:834|960:960|834:1112|720:1280",
        referenceAudio: "References",
        seed: "number",
      },
    },
    seedance2_mini: {
      required: { promptImage: "PromptImage" },
      optional: {
        audio: "boolean",
        duration: "number|auto",
        promptText: "string",
        ratio: "992:432|864:496|752:560|640:640|560:752|496:864|1470:630|1280:720|1112:834|960:960|834:1112|720:1280",
        referenceAudio: "References",
        seed: "number",
      },
    },
    gemini_omni_flash: {
      required: { promptImage: "PromptImage" },
      optional: { duration: "number", promptText: "string", ratio: "1280:720|720:1280" },
    },
    seedance2_5: {
      required: { promptImage: "PromptImage" },
      optional: {
        audio: "boolean",
        duration: "number|auto",
        promptText: "string",
        ratio:
          "992:432|854:480|752:560|640:640|560:752|480:854|1470:630|1280:720|1112:834|960:960|834:1112|720:1280|2206:946|1920:1080|1664:1248|1440:1440|1248:1664|1080:1920",
        referenceAudio: "References",
        seed: "number",
      },
    },
    grok_imagine_1_5: {
      required: { promptImage: "PromptImage" },
      optional: { duration: "number", promptText: "string", resolution: "480p|720p|1080p" },
    },
    wan3: {
      required: { promptImage: "PromptImage", promptText: "string" },
      optional: {
        audio: "boolean",
        duration: "number",
        ratio:
          "832:480|720:544|624:624|544:720|480:832|1280:720|1104:832|960:960|832:1104|720:1280|1920:1080|1648:1248|1440:1440|1248:1648|1080:1920|auto_480p|auto_720p|auto_1080p",
        referenceAudio: "References",
        referenceVideos: "References",
      },
    },
    "gemini_omni_flash_1.1": {
      required: { promptImage: "PromptImage", promptText: "string" },
      optional: {
        duration: "auto|number",
        ratio: "640:360|360:640|1280:720|720:1280|1920:1080|1080:1920|3840:2160|2160:3840",
      },
    },
    wan3_prime: {
      required: { promptImage: "PromptImage", promptText: "string" },
      optional: {
        audio: "boolean",
        duration: "number",
        ratio:
          "832:480|720:544|624:624|544:720|480:832|1280:720|1104:832|960:960|832:1104|720:1280|1920:1080|1648:1248|1440:1440|1248:1648|1080:1920|auto_480p|auto_720p|auto_1080p",
        referenceAudio: "References",
        referenceVideos: "References",
      },
    },
    h3_max: {
      required: { promptImage: "PromptImage", promptText: "string" },
      optional: {
        duration: "number",
        promptExpansionMode: "disabled|balanced|quality",
        resolution: "480p|768p",
        seed: "number",
      },
    },
  },
  video_to_video: {
    aleph2: {
      required: { videoUri: "Uri" },
      optional: {
        contentModeration: "ContentModeration",
        keyframes: "Keyframes",
        outputFormat: "mp4|prores|png_sequence|sdr_rec709_10bit",
        promptText: "string",
        proresProfile: "422|4444|422 Proxy|422 LT|422 HQ|4444 XQ",
        ratio: "",
        seed: "number",
        targetAspectRatio: "16:9|4:3|3:2|1:1|2:3|3:4|9:16|21:9",
      },
    },
    hailuo3: {
      required: { promptText: "string", promptVideo: "Uri" },
      optional: {
        duration: "number",
        ratio: "adaptive|21:9|16:9|4:3|1:1|3:4|9:16",
        referenceAudio: "References",
        references: "References",
        referenceVideos: "References",
        resolution: "768p|2k|768P|2K",
      },
    },
    seedance2: {
      required: { promptVideo: "Uri" },
      optional: {
        audio: "boolean",
        duration: "number|auto",
        promptText: "string",
        ratio:
          "992:432|864:496|752:560|640:640|560:752|496:864|1470:630|1280:720|1112:834|960:960|834:1112|720:1280|2206:946|1920:1080|1664:1248|1440:1440|1248:1664|1080:1920|3840:1646|3840:2160|3840:2880|3840:3840|2880:3840|2160:3840",
        referenceAudio: "References",
        references: "References",
        referenceVideos: "References",
        seed: "number",
      },
    },
    seedance2_fast: {
      required: { promptVideo: "Uri" },
      optional: {
        audio: "boolean",
        duration: "number|auto",
        promptText: "string",
        ratio: "992:432|864:496|752:560|640:640|560:752|496:864|1470:630|1280:720|1112:834|960:960|834:1112|720:1280",
        referenceAudio: "References",
        references: "References",
        referenceVideos: "References",
        seed: "number",
      },
    },
    seedance2_mini: {
      required: { promptVideo: "Uri" },
      optional: {
        audio: "boolean",
        duration: "number|auto",
        promptText: "string",
        ratio: "992:432|864:496|752:560|640:640|560:752|496:864|1470:630|1280:720|1112:834|960:960|834:1112|720:1280",
        referenceAudio: "References",
        references: "References",
        referenceVideos: "References",
        seed: "number",
      },
    },
    gemini_omni_flash: {
      required: { promptText: "string", videoUri: "Uri" },
      optional: { references: "References" },
    },
    seedance2_5: {
      required: { promptVideo: "Uri" },
      optional: {
        audio: "boolean",
        duration: "number|auto",
        mode: "reference|extend|edit",
        promptText: "string",
        ratio:
          "992:432|854:480|752:560|640:640|560:752|480:854|1470:630|1280:720|1112:834|960:960|834:1112|720:1280|2206:946|1920:1080|1664:1248|1440:1440|1248:1664|1080:1920",
        referenceAudio: "References",
        references: "References",
        referenceVideos: "References",
        seed: "number",
      },
    },
    "gemini_omni_flash_1.1": {
      required: { promptText: "string", videoUri: "Uri" },
      optional: {
        duration: "auto|number",
        mode: "reference|extend|edit",
        ratio: "640:360|360:640|1280:720|720:1280|1920:1080|1080:1920|3840:2160|2160:3840",
        references: "References",
      },
    },
  },
  text_to_image: {
    gen4_image_turbo: {
      required: {
        promptText: "string",
        ratio:
          "1024:1024|1080:1080|1168:880|1360:768|1440:1080|1080:1440|1808:768|1920:1080|1080:1920|2112:912|1280:720|720:1280|720:720|960:720|720:960|1680:720",
        referenceImages: "References",
      },
      optional: { contentModeration: "ContentModeration", seed: "number" },
    },
    gen4_image: {
      required: {
        promptText: "string",
        ratio:
          "1024:1024|1080:1080|1168:880|1360:768|1440:1080|1080:1440|1808:768|1920:1080|1080:1920|2112:912|1280:720|720:1280|720:720|960:720|720:960|1680:720",
      },
      optional: { contentModeration: "ContentModeration", referenceImages: "References", seed: "number" },
    },
    gpt_image_2: {
      required: {
        promptText: "string",
        ratio:
          "2048:880|1920:1088|1920:1280|1920:1440|1920:1536|1920:1920|1536:1920|1440:1920|1280:1920|1088:1920|2912:1248|2560:1440|2560:1712|2560:1920|2560:2048|2560:2560|2048:2560|1920:2560|1712:2560|1440:2560|3840:1648|3840:2160|3504:2336|3264:2448|3200:2560|2880:2880|2560:3200|2448:3264|2336:3504|2160:3840|auto",
      },
      optional: {
        background: "transparent|opaque|auto",
        outputCount: "number",
        quality: "low|medium|high|auto",
        referenceImages: "References",
      },
    },
    "gemini_image3.1_flash": {
      required: {
        promptText: "string",
        ratio:
          "512:512|416:624|624:416|432:592|592:432|448:576|576:448|384:672|672:384|768:336|256:1024|1024:256|176:1408|1408:176|1024:1024|832:1248|1248:832|864:1184|1184:864|896:1152|1152:896|768:1344|1344:768|1536:672|512:2048|2048:512|352:2816|2816:352|2048:2048|1696:2528|2528:1696|1792:2400|2400:1792|1856:2304|2304:1856|1536:2752|2752:1536|3168:1344|1024:4096|4096:1024|704:5632|5632:704|4096:4096|3392:5056|5056:3392|3584:4800|4800:3584|3712:4608|4608:3712|3072:5504|5504:3072|6336:2688|2048:8192|8192:2048|1408:11264|11264:1408",
      },
      optional: { outputCount: "1|4", referenceImages: "References" },
    },
    muse_image: {
      required: {
        promptText: "string",
        ratio: "2352:1008|2016:1152|1920:1280|1792:1344|1600:1600|1344:1792|1280:1920|1152:2016|auto",
      },
      optional: { outputCount: "number", outputFormat: "webp|png|jpeg", referenceImages: "References" },
    },
    seedream5_pro: {
      required: {
        promptText: "string",
        ratio:
          "1024:1024|1184:896|896:1184|1376:768|768:1376|1296:864|864:1296|2048:2048|2304:1728|1728:2304|2720:1530|1530:2720|2496:1664|1664:2496|auto_1k|auto_2k",
      },
      optional: {
        grounding: "boolean",
        outputCount: "number",
        outputFormat: "png|jpeg",
        referenceImages: "References",
      },
    },
    seedream5_lite: {
      required: {
        promptText: "string",
        ratio:
          "2048:2048|2304:1728|1728:2304|2848:1600|1600:2848|2496:1664|1664:2496|3136:1344|3072:3072|3456:2592|2592:3456|4096:2304|2304:4096|3744:2496|2496:3744|4704:2016|*",
      },
      optional: {
        grounding: "boolean",
        outputCount: "number",
        outputFormat: "png|jpeg",
        referenceImages: "References",
      },
    },
    grok_imagine_image_2: {
      required: {
        promptText: "string",
        ratio:
          "1024:1024|1280:720|720:1280|1152:864|864:1152|1248:832|832:1248|1248:576|576:1248|1280:576|576:1280|1408:704|704:1408|2048:2048|2816:1584|1584:2816|2368:1776|1776:2368|2496:1664|1664:2496|2912:1344|1344:2912|3200:1440|1440:3200|2912:1456|1456:2912|auto_1k|auto_2k",
      },
      optional: {
        edit: "boolean",
        outputCount: "number",
        quality: "low|medium",
        referenceImages: "References",
      },
    },
    gemini_image3_pro: {
      required: {
        promptText: "string",
        ratio:
          "1344:768|768:1344|1024:1024|1184:864|864:1184|1536:672|832:1248|1248:832|896:1152|1152:896|2048:2048|1696:2528|2528:1696|1792:2400|2400:1792|1856:2304|2304:1856|1536:2752|2752:1536|3168:1344|4096:4096|3392:5056|5056:3392|3584:4800|4800:3584|3712:4608|4608:3712|3072:5504|5504:3072|6336:2688",
      },
      optional: { outputCount: "1|4", referenceImages: "References" },
    },
    gpt_image_2_5_flare: {
      required: {
        promptText: "string",
        ratio:
          "2048:880|1920:1088|1920:1280|1920:1440|1920:1536|1920:1920|1536:1920|1440:1920|1280:1920|1088:1920|2912:1248|2560:1440|2560:1712|2560:1920|2560:2048|2560:2560|2048:2560|1920:2560|1712:2560|1440:2560|3840:1648|3840:2160|3504:2336|3264:2448|3200:2560|2880:2880|2560:3200|2448:3264|2336:3504|2160:3840|auto",
      },
      optional: {
        background: "opaque|auto",
        outputCount: "number",
        quality: "low|medium|high|xhigh|max",
        referenceImages: "References",
      },
    },
    gpt_image_2_5_sunburst: {
      required: {
        promptText: "string",
        ratio:
          "2048:880|1920:1088|1920:1280|1920:1440|1920:1536|1920:1920|1536:1920|1440:1920|1280:1920|1088:1920|2912:1248|2560:1440|2560:1712|2560:1920|2560:2048|2560:2560|2048:2560|1920:2560|1712:2560|1440:2560|3840:1648|3840:2160|3504:2336|3264:2448|3200:2560|2880:2880|2560:3200|2448:3264|2336:3504|2160:3840|auto",
      },
      optional: {
        background: "transparent|opaque|auto",
        outputCount: "number",
        quality: "low|medium|high|xhigh|max",
        referenceImages: "References",
      },
    },
    "gemini_2.5_flash": {
      required: {
        promptText: "string",
        ratio: "1344:768|768:1344|1024:1024|1184:864|864:1184|1536:672|832:1248|1248:832|896:1152|1152:896",
      },
      optional: { referenceImages: "References" },
    },
  },
  text_to_speech: {
    seed_audio: {
      required: { promptText: "string" },
      optional: {
        loudnessRate: "number",
        outputFormat: "wav|mp3|ogg_opus",
        pitchRate: "number",
        sampleRate: "8000|16000|24000|32000|44100|48000",
        speechRate: "number",
        voice: "Voice",
      },
    },
    eleven_multilingual_v2: { required: { promptText: "string", voice: "Voice" }, optional: {} },
    eleven_v3: {
      required: { promptText: "string", voice: "Voice" },
      optional: {
        applyTextNormalization: "auto|on|off",
        languageCode: "string",
        seed: "number",
        similarityBoost: "number",
        speed: "number",
        stability: "number",
        style: "number",
        useSpeakerBoost: "boolean",
      },
    },
  },
  sound_effect: {
    seed_audio: {
      required: { promptText: "string" },
      optional: {
        loudnessRate: "number",
        outputFormat: "wav|mp3|ogg_opus",
        pitchRate: "number",
        referenceAudios: "Uris",
        sampleRate: "8000|16000|24000|32000|44100|48000",
        speechRate: "number",
      },
    },
    eleven_text_to_sound_v2: { required: { promptText: "string" }, optional: { duration: "number", loop: "boolean" } },
  },
  speech_to_speech: {
    eleven_multilingual_sts_v2: {
      required: { media: "Media", voice: "Voice" },
      optional: { removeBackgroundNoise: "boolean" },
    },
  },
  voice_dubbing: {
    eleven_voice_dubbing: {
      required: {
        audioUri: "Uri",
        targetLang: "en|hi|pt|zh|es|fr|de|ja|ar|ru|ko|id|it|nl|tr|pl|sv|fil|ms|ro|uk|el|cs|da|fi|bg|hr|sk|ta",
      },
      optional: { disableVoiceCloning: "boolean", dropBackgroundAudio: "boolean", numSpeakers: "number" },
    },
  },
  voice_isolation: {
    eleven_voice_isolation: { required: { audioUri: "Uri" }, optional: {} },
  },
  character_performance: {
    act_two: {
      required: { character: "Media", reference: "Media" },
      optional: {
        bodyControl: "boolean",
        contentModeration: "ContentModeration",
        expressionIntensity: "number",
        ratio: "1280:720|720:1280|960:960|1104:832|832:1104|1584:672",
        seed: "number",
      },
    },
  },
  image_upscale: {
    magnific_precision_upscaler_v2: {
      required: { imageUri: "Uri" },
      optional: {
        flavor: "sublime|photo|photo_denoiser",
        scaleFactor: "2|4|8|16",
        sharpen: "number",
        smartGrain: "number",
        ultraDetail: "number",
      },
    },
  },
  video_upscale: {
    magnific_video_upscaler_creative: {
      required: { videoUri: "Uri" },
      optional: {
        creativity: "number",
        flavor: "vivid|natural",
        fpsBoost: "boolean",
        resolution: "720p|1k|2k|4k",
        sharpen: "number",
        smartGrain: "number",
      },
    },
    enhance_frame_rate: {
      required: { targetFramerate: "24|25|30|48|50|60|120|23_98|29_97|59_94", videoUri: "Uri" },
      optional: {},
    },
  },
};

type Fields = Readonly<Record<string, string>>;
