#include "domain/instruction_words.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_map>

namespace tintype {

namespace {

constexpr std::size_t kPhraseWordsMax = 4;

constexpr NamedColour kColours[] = {
    {"white", {255, 255, 255}},     {"black", {18, 18, 18}},        {"grey", {136, 136, 136}},
    {"red", {190, 30, 38}},         {"green", {46, 125, 66}},       {"blue", {44, 92, 176}},
    {"yellow", {242, 206, 70}},     {"orange", {232, 128, 46}},     {"purple", {108, 58, 138}},
    {"violet", {124, 82, 168}},     {"pink", {240, 176, 190}},      {"brown", {112, 76, 52}},
    {"beige", {226, 212, 188}},     {"cream", {248, 240, 220}},     {"ivory", {250, 246, 232}},
    {"navy", {28, 40, 78}},         {"teal", {30, 122, 124}},       {"turquoise", {72, 192, 184}},
    {"cyan", {110, 206, 220}},      {"aqua", {120, 214, 216}},      {"magenta", {196, 44, 130}},
    {"fuchsia", {206, 52, 140}},    {"maroon", {104, 26, 36}},      {"burgundy", {104, 26, 48}},
    {"lime", {164, 206, 70}},       {"olive", {122, 118, 62}},      {"charcoal", {54, 56, 60}},
    {"tan", {206, 178, 140}},       {"taupe", {150, 136, 122}},     {"lavender", {202, 190, 226}},
    {"lilac", {204, 180, 214}},     {"mint", {184, 224, 204}},      {"peach", {250, 208, 178}},
    {"coral", {240, 128, 110}},     {"salmon", {240, 156, 136}},    {"rose", {226, 158, 168}},
    {"blush", {240, 206, 204}},     {"champagne", {238, 220, 190}}, {"emerald", {18, 104, 78}},
    {"sage", {170, 184, 156}},      {"khaki", {184, 172, 124}},     {"indigo", {58, 52, 120}},
    {"crimson", {166, 22, 50}},     {"scarlet", {204, 40, 32}},     {"sand coloured", {220, 200, 166}},
    {"off white", {244, 241, 234}}, {"sky blue", {158, 204, 236}},  {"royal blue", {42, 70, 160}},
    {"gold", {206, 168, 86}},       {"silver", {190, 192, 196}},
};

constexpr LookTurn kBrighterTurns[] = {{Dial::kExposure, 0.5}};
constexpr LookTurn kDarkerTurns[] = {{Dial::kExposure, -0.5}};
constexpr LookTurn kWarmerTurns[] = {{Dial::kWarmth, 0.4}};
constexpr LookTurn kCoolerTurns[] = {{Dial::kWarmth, -0.4}};
constexpr LookTurn kGreenerTurns[] = {{Dial::kTint, -0.3}};
constexpr LookTurn kPinkerTurns[] = {{Dial::kTint, 0.3}};
constexpr LookTurn kVividTurns[] = {{Dial::kVibrance, 0.5}};
constexpr LookTurn kSaturatedTurns[] = {{Dial::kSaturation, 0.4}};
constexpr LookTurn kMutedTurns[] = {{Dial::kSaturation, -0.4}};
constexpr LookTurn kBlackAndWhiteTurns[] = {{Dial::kBlackAndWhite, 1}};
constexpr LookTurn kSepiaTurns[] = {{Dial::kSepia, 1}};
constexpr LookTurn kSharperTurns[] = {{Dial::kSharpen, 0.5}};
constexpr LookTurn kSofterTurns[] = {{Dial::kBlur, 0.15}};
constexpr LookTurn kSoftLightTurns[] = {{Dial::kContrast, -0.2}, {Dial::kShadows, 0.25}, {Dial::kHighlights, -0.2}};
constexpr LookTurn kBlurredTurns[] = {{Dial::kBlur, 0.5}};
constexpr LookTurn kDenoisedTurns[] = {{Dial::kDenoise, 0.5}};
constexpr LookTurn kVignettedTurns[] = {{Dial::kVignette, 0.4}};
constexpr LookTurn kPunchyTurns[] = {{Dial::kContrast, 0.3}, {Dial::kVibrance, 0.3}};
constexpr LookTurn kFlatTurns[] = {{Dial::kContrast, -0.3}};
constexpr LookTurn kDramaticTurns[] = {{Dial::kContrast, 0.35}, {Dial::kShadows, -0.25}, {Dial::kVignette, 0.3}};
constexpr LookTurn kMoodyTurns[] = {
    {Dial::kExposure, -0.4}, {Dial::kContrast, 0.2}, {Dial::kSaturation, -0.2}, {Dial::kVignette, 0.3}};
constexpr LookTurn kCinematicTurns[] = {
    {Dial::kContrast, 0.2}, {Dial::kSaturation, -0.1}, {Dial::kWarmth, 0.1}, {Dial::kVignette, 0.25}};
constexpr LookTurn kVintageTurns[] = {{Dial::kContrast, -0.15}, {Dial::kSepia, 0.35}, {Dial::kVignette, 0.25}};
constexpr LookTurn kAiryTurns[] = {{Dial::kExposure, 0.35}, {Dial::kContrast, -0.15}, {Dial::kShadows, 0.3}};
constexpr LookTurn kMatteTurns[] = {{Dial::kContrast, -0.2}, {Dial::kShadows, 0.3}};
constexpr LookTurn kEvenTurns[] = {{Dial::kShadows, 0.4}, {Dial::kHighlights, -0.4}};
constexpr LookTurn kUnderexposedTurns[] = {{Dial::kExposure, 0.7}, {Dial::kShadows, 0.2}};
constexpr LookTurn kOverexposedTurns[] = {{Dial::kExposure, -0.5}, {Dial::kHighlights, -0.4}};

// Words that mean the same, parted by commas; a phrase has spaces.
struct Row {
  WordRole role;
  double value;
  bool is_verb;
  std::string_view words;
};

constexpr double of(Dial dial) {
  return static_cast<double>(dial);
}
constexpr double of(Look look) {
  return static_cast<double>(look);
}
constexpr double of(Unit unit) {
  return static_cast<double>(unit);
}
constexpr double of(Metal metal) {
  return static_cast<double>(metal);
}

using enum WordRole;

// Words that bind others.
constexpr Row kGrammar[] = {
    {kFiller, 0, false,
     "please,kindly,just,also,is,are,be,being,was,been,of,in,as,for,at,by,so,than,look,looks,looking,appear,appears,"
     "feel,"
     "feels,seem,i,id,we,you,want,wants,would,could,can,should,will,like,need,needs,lets,us,me,try,get,got,have,has,"
     "there,here,up,down,out,from,into it,overall,nice,nicely,good,great,perfect,better,ok,hi,hello,hey,thanks,thank "
     "you,"
     "thank,via,using,style,look and feel,version,finish,effect,filter,level,levels,amount,which,who,while,when,if,do,"
     "does,not only,way,kind,sort,bit "
     "of,real,true,own,under,near,inside,beside,between,during,across,through,around,above,below,next to,about,"
     "within,along,beneath,underneath,among,after,before,outside,surrounded by,same,still,too much of,make "
     "sure,ensure"},
    {kArticle, 0, false,
     "the,a,an,some,any,this,that,these,those,my,our,your,her,his,their,its,every,each,all,both,it,them,"
     "him,she,he,they"},
    {kStop, 0, false, "then,but,after that,afterwards,finally,next,first,secondly,however,yet"},
    {kAnd, 0, false, "and,plus,as well as"},
    {kOr, 0, false, "or,nor"},
    {kWith, 0, false, "with,having,featuring"},
    {kWithout, 0, false, "without,minus any,free of"},
    {kNot, 0, false, "no,not,never,dont,do not,doesnt,isnt,shouldnt,cannot,cant,avoid,zero"},
    {kInsteadOf, 0, false, "instead of,rather than,and not,but not,in place of"},
    {kOn, 0, false,
     "on,onto,on to,upon,over,atop,on top of,against,in front of,resting on,lying on,laid on,standing on"},
    {kTo, 0, false, "to,into,until"},
    {kToo, 0, false, "too,overly,excessively"},
    {kUnit, of(Unit::kPercent), false, "%,percent,per cent,pct"},
    {kUnit, of(Unit::kStops), false, "stop,stops,ev,f stop,f stops"},
    {kUnit, of(Unit::kDegrees), false, "°,degree,degrees,deg,degs"},
    {kUnit, of(Unit::kKelvins), false, "k,kelvin,kelvins"},
    {kDegree, 0.5, false,
     "little,a little,a little bit,a bit,a tiny bit,a touch,a tad,a hint of,a touch of,a little more of,slight,"
     "slightly,somewhat,subtly,subtle,gently,gentle,mildly,mild,lightly,faint,faintly"},
    {kDegree, 1, false, "moderately,moderate,quite,fairly,rather,pretty,normally"},
    {kDegree, 1.75, false,
     "much,very,a lot,a lot of,lots of,strongly,strong,heavily,heavy,really,significantly,considerably,"
     "greatly,far,way more,intensely,substantially,deeply,noticeably,big,super,so much,dramatically"},
    {kDegree, 2.5, false,
     "extremely,extreme,completely,fully,totally,maximum,max,as much as possible,entirely,incredibly,"
     "radically"},
    {kNumber, 1, false, "one,double,twice"},
    {kNumber, 2, false, "two"},
    {kNumber, 3, false, "three"},
    {kNumber, 0.5, false, "half,half a,a half"},
    {kNumber, 1.5, false, "one and a half"},
    {kNumber, 0.33, false, "a third of a,third of a"},
};

// Orders, and which way they go.
constexpr Row kOrders[] = {
    {kMore, 0, false,
     "more,higher,up by,stronger,extra,greater,additional,high,rich,richer,deeper colours,increased,boosted"},
    {kMore, 0, true,
     "increase,raise,boost,enhance,lift,amplify,intensify,strengthen,improve,push,crank up,crank,pump up,pump,"
     "bump up,bump,turn up,bring up,dial up,open up,open,brighten up,maximise,maximize,fill in,"
     "step up,heighten"},
    {kLess, 0, false, "less,lower contrast of,fewer,weaker,low,reduced,lower,minimal"},
    {kLess, 0, true,
     "decrease,reduce,drop,cut,tone down,pull down,turn down,bring down,dial down,weaken,lessen,minimise,"
     "minimize,hold back,take down,dim down,deepen,crush,recover,knock back,diminish,cut down"},
    {kMake, 0, true,
     "make,give,turn,convert,transform,put,place,replace,use,apply,render,show,swap,switch,recolour,recolor,fill,"
     "paint,set it,lay,display,photograph,present,shoot,edit,colour it,color it,plate"},
    {kMake, 1, true, "set,change,adjust,fix,correct,alter,modify,tweak,retouch"},
    {kAdd, 0, true, "add,insert,include,create,generate,introduce,draw,attach"},
    {kRemove, 0, true, "remove,delete,erase,eliminate,get rid of,take away,take out,clean up,clear,strip,drop the"},
    {kKeep, 0, true, "keep,leave,preserve,maintain,retain"},
    {kCannot, 0, true,
     "write,move,resize,close,extend,expand,upscale,enlarge,zoom,zoom out,shrink,scale,imagine,hide,"
     "cover,duplicate,copy,animate,dress,wear,translate,join,merge,compose,combine,count,describe,find,"
     "tell,explain,ignore,forget,bend,stretch,squeeze,morph,swap faces,age,reshape,retexture,outline,"
     "restore,repair,colorize,colourise,colourize,undress,focus"},
    {kCannot, 0, false,
     "bigger,smaller,larger,taller,longer,shorter,wider,thinner,slimmer,fatter,younger,older,happy,happier,"
     "sad,smile,smiling,laugh,naked,prettier,alive,invisible,huge,tiny"},
    {kPart, 0, false,
     "eye,eyes,face,faces,hair,skin,lips,mouth,teeth,hand,hands,finger,fingers,nail,nails,arm,arms,neck,ear,"
     "ears,nose,leg,legs,sky,clouds,window,windows,tree,trees,grass,corner,corners,edge,edges,logo,text,"
     "watermark,caption,left side,right side,top half,bottom half,left half,right half,gemstone,gemstones"},
};

// What can be changed.
constexpr Row kThings[] = {
    {kDial, of(Dial::kExposure), false, "exposure,brightness,luminosity,lightness"},
    {kDial, of(Dial::kContrast), false, "contrast"},
    {kDial, of(Dial::kSaturation), false, "saturation,colour saturation,color saturation,chroma"},
    {kDial, of(Dial::kVibrance), false, "vibrance,vibrancy"},
    {kDial, of(Dial::kWarmth), false, "warmth,temperature,colour temperature,color temperature"},
    {kDial, of(Dial::kTint), false, "tint"},
    {kDial, of(Dial::kHighlights), false, "highlights,highlight"},
    {kDial, of(Dial::kShadows), false, "dark areas,darks,blacks"},
    {kDial, of(Dial::kSharpen), false, "sharpness,sharpening,clarity,detail,details,definition,crispness"},
    {kDial, of(Dial::kBlur), false, "blurriness,blurring"},
    {kDial, of(Dial::kVignette), false, "vignetting"},
    {kNoise, 0, false, "noise,grain,graininess"},
    {kColourNoun, 0, false, "colour,color,colours,colors,hue,hues,cast,colour cast,color cast"},
    {kLook, of(Look::kBrighter), true, "brighten,lighten,expose,illuminate"},
    {kLook, of(Look::kBrighter), false, "brighter,lighter,bright,brightened,well lit"},
    {kLook, of(Look::kDarker), true, "darken,dim,underexpose"},
    {kLook, of(Look::kDarker), false, "darker,dimmer,darkened"},
    {kLook, of(Look::kWarmer), true, "warm up"},
    {kLook, of(Look::kWarmer), false,
     "warm,warmer,warmly,golden hour,golden light,yellower,sunny,sunlit,cosy,cozy,amber"},
    {kLook, of(Look::kCooler), true, "cool down,cool off"},
    {kLook, of(Look::kCooler), false, "cool,cooler,cold,colder,bluer,icy,wintry"},
    {kLook, of(Look::kGreener), false, "greener"},
    {kLook, of(Look::kPinker), false, "pinker"},
    {kLook, of(Look::kVivid), false, "vivid,vibrant,colourful,colorful,more vivid,lively"},
    {kLook, of(Look::kSaturated), true, "saturate"},
    {kLook, of(Look::kSaturated), false, "saturated"},
    {kLook, of(Look::kMuted), true, "desaturate,mute,fade"},
    {kLook, of(Look::kMuted), false, "muted,desaturated,faded,washed out,pastel"},
    {kLook, of(Look::kBlackAndWhite), false,
     "black and white,black & white,b&w,bw,b & w,b and w,monochrome,monochromatic,greyscale,"
     "grayscale,noir"},
    {kLook, of(Look::kSepia), false, "sepia,sepia tone,sepia toned"},
    {kLook, of(Look::kSharper), true, "sharpen,sharpen up"},
    {kLook, of(Look::kSharper), false, "sharp,sharper,crisp,crisper,detailed,clearer"},
    {kLook, of(Look::kSofter), true, "soften"},
    {kLook, of(Look::kSofter), false, "softer,dreamy,hazy"},
    {kLook, of(Look::kSoftLight), false,
     "soft light,soft lighting,softer light,softer lighting,diffused light,diffuse light,diffused lighting,"
     "diffuse lighting,soft natural light,soft natural lighting,soft studio lighting,"
     "soft studio light"},
    {kLook, of(Look::kBlurred), true, "blur,defocus"},
    {kLook, of(Look::kBlurred), false, "blurry,blurred,unsharp"},
    {kLook, of(Look::kBokeh), false, "bokeh,out of focus,defocused,shallow depth of field,depth of field"},
    {kLook, of(Look::kDenoised), true, "denoise,despeckle"},
    {kLook, of(Look::kDenoised), false, "noise reduction,denoising,noise free"},
    {kLook, of(Look::kVignetted), false, "vignette,vignetted"},
    {kLook, of(Look::kPunchy), false, "punchy,punchier,pop,punch,contrasty,bold,bolder,striking,stand out"},
    {kLook, of(Look::kFlat), false, "flat,flatter"},
    {kLook, of(Look::kDramatic), false, "dramatic,drama,more drama,low key"},
    {kLook, of(Look::kMoody), false, "moody,gloomy,mysterious,sombre,somber"},
    {kLook, of(Look::kCinematic), false, "cinematic,filmic,movie"},
    {kLook, of(Look::kVintage), false, "vintage,retro,old fashioned,nostalgic,antique look"},
    {kLook, of(Look::kAiry), false, "airy,high key,fresh,ethereal"},
    {kLook, of(Look::kMatte), false, "matte look,matte finish,matt look"},
    {kLook, of(Look::kEven), false, "hdr,evenly lit,even lighting,even light,balanced lighting"},
    {kLook, of(Look::kUnderexposed), false, "underexposed,under exposed"},
    {kLook, of(Look::kOverexposed), false, "overexposed,over exposed,blown out"},
};

constexpr Row kScenes[] = {
    {kTone, 0, false, "light,pale,dark,deep,medium,mid,middle"},
    {kPlainly, 0, false,
     "soft,plain,solid,pure,simple,smooth,polished,clean,uniform,seamless,neutral,glossy,shiny,brushed,rough,"
     "rustic,natural,crushed,crumpled,elegant looking,honed,weathered,raw,fine,calacatta,carrara,"
     "bright white"},
    {kMetal, of(Metal::kGold), false, "gold,golden,yellow gold,gold plated,brass"},
    {kMetal, of(Metal::kRoseGold), false, "rose gold,pink gold,red gold"},
    {kMetal, of(Metal::kSilver), false, "silver,sterling silver,white gold,steel,stainless steel,chrome"},
    {kMetal, of(Metal::kPlatinum), false, "platinum,palladium,titanium"},
    {kMetal, of(Metal::kCopper), false, "copper,bronze"},
    {kPicture, 0, false,
     "picture,pictures,photo,photos,photograph,photographs,image,images,shot,pic,frame,scene,everything,whole,"
     "entire,photography,composition,tone,tones,mood,atmosphere"},
    {kSubject, 0, false,
     "subject,subjects,product,products,object,objects,item,items,jewellery,jewelry,jewel,jewels,ring,rings,"
     "necklace,necklaces,bracelet,bracelets,earring,earrings,pendant,pendants,watch,watches,gem,gems,"
     "diamond,diamonds,chain,brooch,bangle,locket,charm,piece,foreground,metal,band,setting,bottle,shoe,"
     "shoes,bag,handbag,cup,mug,vase,perfume,person,man,woman,model,girl,boy,child,people,couple,dog,cat,"
     "car,bird,parrot,parrots,flower,flowers,lamp,chair"},
    {kBackground, 0, false,
     "background,backgrounds,backdrop,back drop,back ground,surroundings,behind,behind it,bg,everything "
     "except,everything but,"
     "all except,all but,everything else,everything around,everything behind"},
    {kSupport, 0, false,
     "surface,surfaces,table,tabletop,table top,countertop,counter,slab,floor,board,top,texture,textured,sheet,"
     "base,stand,ground,tile,tiles,desk,plate,background surface,plank,panel,wall,sweep"},
    {kFromAbove, 0, false,
     "flat lay,flatlay,flat lay photo,flat lay photography,flat laid,top view,top down,top down view,overhead,"
     "overhead shot,overhead view,from overhead,from above,from straight above,from the top,seen from above,"
     "viewed from above,view from above,shot from above,photographed from above,taken from above,birds eye,"
     "birds eye view,knolling"},
    {kLight, 0, false,
     "lighting,lights,illumination,light source,daylight,sunlight,glow,studio lighting,studio light,studio lights,"
     "studio lit,studio photography,studio photo,studio shot,product photography"},
    {kShadow, 0, false, "shadow,drop shadow,contact shadow,cast shadow"},
    {kShadow, 1, false, "shadows,drop shadows"},
    {kReflection, 0, false, "reflection,reflections,mirroring"},
    {kCrop, 0, true, "crop,trim,reframe,zoom in,zoom in on,crop in"},
    {kCrop, 0, false, "cropped,cropping,tight crop,close crop"},
    {kAspect, 1'001, false, "square,square crop,square format,squared"},
    {kRotate, 0, true, "rotate,tilt,spin"},
    {kRotate, 0, false, "rotated,rotation"},
    {kSide, -1, false, "left,to the left,leftwards"},
    {kSide, 1, false, "right,to the right,rightwards"},
    {kClockwise, 1, false, "clockwise"},
    {kClockwise, -1, false, "counterclockwise,counter clockwise,anticlockwise,anti clockwise"},
    {kStraighten, 0, true, "straighten,straighten up,straighten out,level out,deskew"},
    {kStraighten, 0, false, "horizon,straight,straightened,level the,upright"},
    {kFlip, 0, true, "flip,mirror,reverse"},
    {kFlip, 0, false, "flipped,mirrored,mirror image"},
    {kAxis, 0, false, "horizontally,horizontal,left to right,sideways"},
    {kAxis, 1, false, "vertically,vertical,upside down,top to bottom"},
    {kCutOut, 0, true, "cut out,isolate,cutout"},
    {kCutOut, 0, false, "transparent,transparency,transparent background"},
};

struct Meaning {
  WordRole role = kUnknown;
  double value = 0;
  bool is_verb = false;
};
using Lexicon = std::unordered_map<std::string_view, Meaning>;

Lexicon make_lexicon() {
  Lexicon lexicon;
  for (const std::span<const Row> rows : {std::span<const Row>(kGrammar), {kOrders}, {kThings}, {kScenes}}) {
    for (const Row& row : rows) {
      std::string_view rest = row.words;
      while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        lexicon.try_emplace(rest.substr(0, comma), Meaning{row.role, row.value, row.is_verb});
        rest.remove_prefix(std::min(comma + 1, rest.size()));
      }
    }
  }
  double place = 0;
  for (const NamedColour& colour : kColours) lexicon.try_emplace(colour.name, Meaning{kColour, place++, false});
  lexicon.try_emplace("gray", lexicon.at("grey"));
  return lexicon;
}

const Lexicon& lexicon() {
  static const Lexicon made = make_lexicon();
  return made;
}

std::optional<Meaning> meaning_of(std::string_view phrase) {
  const auto found = lexicon().find(phrase);
  if (found != lexicon().end()) return found->second;
  if (parse_material_word(phrase)) return Meaning{kMaterial};
  return std::nullopt;
}

// A piece of the text before phrases are put together.
struct Piece {
  std::string text;
  std::size_t begin = 0, end = 0;
  std::optional<Meaning> fixed;  // what it means whatever stands around it
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

class Cutter {
 public:
  explicit Cutter(std::string_view text) : text_(text) {}

  std::vector<Piece> cut() {
    while (at_ < text_.size()) {
      if (!take_apostrophe() && !take_degree_sign() && !take_number() && !take_word()) take_sign();
    }
    return std::move(pieces_);
  }

 private:
  char peek(std::size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool begins_with(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  void add(std::string text, std::size_t begin, std::optional<Meaning> fixed = std::nullopt) {
    pieces_.push_back({std::move(text), begin, at_, fixed});
  }

  bool take_apostrophe() {  // between words: inside of one they are taken with it
    const std::size_t length = begins_with("\u2019") ? std::string_view("\u2019").size() : peek(0) == '\'' ? 1 : 0;
    at_ += length;
    return length > 0;
  }

  bool take_degree_sign() {
    constexpr std::string_view kSign = "\u00b0";
    if (!begins_with(kSign)) return false;
    const std::size_t begin = at_;
    at_ += kSign.size();
    add(std::string(kSign), begin);
    return true;
  }

  // "20", "1.5", "-30", "16:9", "4x5".
  bool take_number() {
    const bool begins_here = pieces_.empty() || pieces_.back().end < at_;
    const bool has_sign = (peek(0) == '+' || peek(0) == '-') && is_digit(peek(1)) && begins_here;
    if (!has_sign && !is_digit(peek(0))) return false;
    const std::size_t begin = at_;
    const double sign = peek(0) == '-' ? -1 : 1;
    if (has_sign) ++at_;
    double number = take_digits();
    if (peek(0) == '.' && is_digit(peek(1))) {
      double place = 0.1;
      for (++at_; is_digit(peek(0)); ++at_, place /= 10) number += place * (text_[at_] - '0');
    } else if ((peek(0) == ':' || peek(0) == 'x' || peek(0) == 'X') && is_digit(peek(1)) && !has_sign) {
      ++at_;
      const double other = take_digits();
      const bool fits = number >= 1 && number <= 100 && other >= 1 && other <= 100;
      add(std::string(text_.substr(begin, at_ - begin)), begin,
          fits ? Meaning{kAspect, number * 1'000 + other, false} : Meaning{});
      return true;
    }
    const std::string text(text_.substr(begin, at_ - begin));
    if (has_sign) add(text, begin, Meaning{sign > 0 ? kMore : kLess, 0, false});
    add(text, begin, Meaning{kNumber, number, false});
    return true;
  }

  double take_digits() {
    double number = 0;
    for (; is_digit(peek(0)); ++at_) number = std::min(1e6, number * 10 + (text_[at_] - '0'));
    return number;
  }

  bool take_word() {
    if (!is_letter(peek(0))) return false;
    const std::size_t begin = at_;
    std::string word;
    while (at_ < text_.size()) {
      if (begins_with("\u2019") && at_ + 3 < text_.size() && is_letter(text_[at_ + 3])) {
        at_ += 3;
        continue;
      }
      if (peek(0) == '\'' && is_letter(peek(1))) {
        ++at_;
        continue;
      }
      const char c = peek(0);
      const bool is_b_and_w = c == '&' && (word == "b" || word == "B") && (peek(1) == 'w' || peek(1) == 'W');
      if ((!is_letter(c) && !is_digit(c) && !is_b_and_w) || begins_with("\u00b0")) break;
      word.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
      ++at_;
    }
    add(std::move(word), begin);
    return true;
  }

  void take_sign() {
    const std::size_t begin = at_;
    const char c = text_[at_++];
    switch (c) {
      case '.':
      case ';':
      case '!':
      case '?':
      case '\n': add(std::string(1, c), begin, Meaning{kStop}); return;
      case ',': add(",", begin, Meaning{kComma}); return;
      case '&': add("&", begin, Meaning{kAnd}); return;
      case '+': add("+", begin, Meaning{kAnd}); return;
      case '%': add("%", begin); return;
      case '#': take_hex(begin); return;
      default: return;
    }
  }

  void take_hex(std::size_t begin) {
    const std::size_t end = std::min(text_.find_first_not_of("0123456789abcdefABCDEF", at_), text_.size());
    if (end - at_ != 6 && end - at_ != 3) return;
    at_ = end;
    add(std::string(text_.substr(begin, end - begin)), begin, Meaning{kColour, -1, false});
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Piece> pieces_;
};

// The longest phrase that begins at a piece, and how many it takes.
std::pair<std::optional<Meaning>, std::size_t> longest_at(const std::vector<Piece>& pieces, std::size_t at,
                                                          std::string& phrase) {
  std::pair<std::optional<Meaning>, std::size_t> best{std::nullopt, 1};
  std::string joined;
  for (std::size_t count = 1; count <= kPhraseWordsMax && at + count <= pieces.size(); ++count) {
    const Piece& piece = pieces[at + count - 1];
    const bool is_sign = piece.fixed && piece.text != "&";
    if (is_sign) break;
    if (count > 1) joined += ' ';
    joined += piece.text;
    if (count == 1) phrase = joined;
    if (const auto meaning = meaning_of(joined)) {
      best = {meaning, count};
      phrase = joined;
    }
  }
  return best;
}

}  // namespace

std::span<const LookTurn> look_turns(Look look) {
  switch (look) {
    case Look::kBrighter: return kBrighterTurns;
    case Look::kDarker: return kDarkerTurns;
    case Look::kWarmer: return kWarmerTurns;
    case Look::kCooler: return kCoolerTurns;
    case Look::kGreener: return kGreenerTurns;
    case Look::kPinker: return kPinkerTurns;
    case Look::kVivid: return kVividTurns;
    case Look::kSaturated: return kSaturatedTurns;
    case Look::kMuted: return kMutedTurns;
    case Look::kBlackAndWhite: return kBlackAndWhiteTurns;
    case Look::kSepia: return kSepiaTurns;
    case Look::kSharper: return kSharperTurns;
    case Look::kSofter: return kSofterTurns;
    case Look::kSoftLight: return kSoftLightTurns;
    case Look::kBlurred: return kBlurredTurns;
    case Look::kBokeh: return kBlurredTurns;
    case Look::kDenoised: return kDenoisedTurns;
    case Look::kVignetted: return kVignettedTurns;
    case Look::kPunchy: return kPunchyTurns;
    case Look::kFlat: return kFlatTurns;
    case Look::kDramatic: return kDramaticTurns;
    case Look::kMoody: return kMoodyTurns;
    case Look::kCinematic: return kCinematicTurns;
    case Look::kVintage: return kVintageTurns;
    case Look::kAiry: return kAiryTurns;
    case Look::kMatte: return kMatteTurns;
    case Look::kEven: return kEvenTurns;
    case Look::kUnderexposed: return kUnderexposedTurns;
    case Look::kOverexposed: return kOverexposedTurns;
  }
  return {};
}

std::vector<InstructionWord> instruction_words(std::string_view text) {
  const std::vector<Piece> pieces = Cutter(text).cut();
  std::vector<InstructionWord> words;
  for (std::size_t at = 0; at < pieces.size();) {
    InstructionWord word{.text = pieces[at].text, .begin = pieces[at].begin, .end = pieces[at].end};
    std::optional<Meaning> meaning = pieces[at].fixed;
    std::size_t count = 1;
    if (!meaning || pieces[at].text == "&") {
      const auto [found, length] = longest_at(pieces, at, word.text);
      if (found) meaning = found;
      count = length;
      word.end = pieces[at + count - 1].end;
    }
    if (meaning) {
      word.role = meaning->role;
      word.value = meaning->value;
      word.is_verb = meaning->is_verb;
    }
    words.push_back(std::move(word));
    at += count;
  }
  return words;
}

std::span<const NamedColour> named_colours() {
  return kColours;
}

}  // namespace tintype
