/**
 * Words that carry grammar rather than meaning, lower case, contractions without their apostrophe. The English list
 * is left out of queries; each list also votes on which language a text is in.
 */
export const englishFunctionWords: readonly string[] = `
a about above after again against ago all also am an and any are arent as at be because been before being below
between both but by can cant cannot could couldnt did didnt do does doesnt doing dont done down during each else ever
every few for from further had hadnt has hasnt have havent having he hed hell her here heres hers herself hes him
himself his how hows i id if ill im in into is isnt it its itself ive just kind let lets like many may me might more
most much must my myself no nor not of off on once one only or other ought our ours ourselves out over own per please
really same shall she shed shell shes should shouldnt so some such than that thats the their theirs them themselves then
there theres these they theyd theyll theyre theyve this those through to too under until up upon us very was wasnt
we wed well were werent weve what whatever whats when whens where wheres whether which while who whom whos whose why
whys will with within without wont would wouldnt yet you youd youll your youre yours yourself yourselves youve
tell say something anything someone anyone
`
  .trim()
  .split(/\s+/);

/** Function words that English does not share, by language. A text with more of these than of English is not stemmed. */
export const otherFunctionWords: Readonly<Record<string, readonly string[]>> = {
  german:
    "der die das und ist nicht ich ein eine einen einem einer mit von zu zum zur auf für den dem des sich wir ihr sie es wie wer wann wo was mein meine sein hat haben auch aber oder noch nach bei aus im am dass wurde werden kann".split(
      " ",
    ),
  french:
    "le la les un une des du de et est dans que qui pour pas sur avec ce cette mon ma mes son sa ses nous vous ils elles au aux où quand comment quel quelle je tu il elle par plus mais ou".split(
      " ",
    ),
  spanish:
    "el la los las un una de del y que en es por para con no se su lo como mi mis sus está qué cuál cuándo dónde quién pero más yo tú él ella fue ha al".split(
      " ",
    ),
  portuguese:
    "o a os as um uma de do da dos das e que em no na nos nas é por para com não se seu sua meu minha como qual quando onde quem mas mais eu ele ela foi ao".split(
      " ",
    ),
  italian:
    "il lo la gli le un una di del della dei e che in è per con non si suo sua mio mia come quale quando dove chi ma più io lui lei sono ha nel".split(
      " ",
    ),
  dutch:
    "de het een en van is niet ik dat die in op te met voor zijn er aan ook als bij maar om hem haar mijn wat wie waar wanneer hoe naar dan nog".split(
      " ",
    ),
  swedish:
    "och att det som en på är av för med den till inte jag har de ett om var sig från vi så kan när hur vad vem min".split(
      " ",
    ),
  polish: "i w na z do się nie to że jest o jak po co ale za od czy jego jej mój moja przez dla kto kiedy gdzie".split(
    " ",
  ),
  turkish: "ve bir bu da de için ile mi ne ben sen çok gibi daha olarak var yok nerede kim nasıl benim".split(" "),
};
