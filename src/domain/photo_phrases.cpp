#include "domain/photo_phrases.h"

namespace tintype {

namespace {

using Text = std::string_view;

// ---- Light

constexpr Text kStudioLights[] = {
    "lit by a large softbox from the left with a white card filling the shadows",
    "lit by two strip softboxes that draw clean lines of light along the edges",
    "under a broad overhead softbox whose light falls off gently towards the corners",
    "with soft window light from one side and quiet, open shadows",
    "lit by one small hard light from high up, with crisp, deliberate shadows",
    "with a rim of light from behind and a soft fill from the front",
    "with diffused light from all around and hardly a shadow",
    "with light raking low from the side to bring out every texture",
};
constexpr Text kSparkleLights[] = {
    "lit by a large softbox from the left, with a small hard light that wakes the sparkle",
    "lit by two strip softboxes that draw clean lines of light along the metal",
    "with diffused light from all around and a few dark cards that give the reflections shape",
    "with soft window light from one side and a white card filling the shadows",
    "with a rim of light from behind and points of light caught in every edge",
    "under a broad overhead softbox whose light falls off gently towards the corners",
};
constexpr Text kTableLights[] = {
    "with soft window light from behind and a white card filling the front",
    "with window light from the left and long, gentle shadows",
    "in bright, even daylight from a north window",
    "with light raking low from the side to bring out every texture",
    "with a warm glow from behind that catches every edge",
    "lit by one large softbox from above and a dark card that deepens the shadows",
};
constexpr Text kOpenLights[] = {
    "in low golden-hour sun with long, soft shadows", "in the even light of a thin overcast sky",
    "in clear morning light with fresh contrast",     "backlit by a low sun that draws a bright outline",
    "in open shade with soft light from the sky",     "in the calm light just before sunrise",
};
constexpr Text kPortraitLights[] = {
    "with soft window light from one side and a gentle fall-off across the face",
    "lit by a large octabox close to the camera, with a fine rim of light in the hair",
    "with one softbox high at the side and a small triangle of light on the far cheek",
    "in open shade with soft light from the sky and bright catchlights in the eyes",
    "with broad, diffused light from the front and a touch of light from behind",
    "in low golden-hour sun from behind with a soft reflector in front",
};
constexpr Text kRoomLights[] = {
    "with daylight from tall windows and soft shadows across the room",
    "in bright, even daylight that reaches every corner",
    "with low sun through the windows and long, warm shapes of light",
    "with soft daylight from one side and small lamps switched on for depth",
    "in the even light of a thin overcast sky through sheer curtains",
};
constexpr Text kPlainLights[] = {
    "with smooth transitions from light to shade", "with highlights held and shadows left open",
    "with light that gives every form its depth",  "with balanced exposure from the brightest to the deepest tone",
    "with clear modelling of every form",
};
constexpr Text kNightLights[] = {
    "with pools of lamplight and deep, quiet shadows",
    "with a single warm lamp against the dark",
    "with small points of light far behind and a soft key light in front",
    "with a fine rim of light that lifts the {thing} out of the dark",
    "with the darkness kept rich and clean",
};

// ---- Jewellery and what is small and shines

constexpr Text kJewelSettings[] = {
    "resting on honed white marble with faint grey veins",
    "resting on polished black slate with a soft reflection below",
    "resting on brushed pale limestone",
    "set on softly folded ivory silk",
    "set on deep charcoal velvet",
    "set on a low block of frosted glass",
    "placed on fine raked sand",
    "resting on weathered driftwood with a blurred pale backdrop",
    "set against a seamless light grey backdrop",
};
constexpr Text kMacroCameras[] = {
    "photographed with a 100 mm macro lens at f/11",
    "photographed with a 105 mm macro lens at f/8, the focus stacked from front to back",
    "photographed with a 90 mm macro lens at f/5.6 and a soft blur behind",
    "photographed with an 85 mm tilt-shift macro lens at f/8",
};
constexpr Text kJewelFinishes[] = {
    "crisp edges and true metal tones, the finish of a jewellery catalogue",
    "flawless polish without a speck of dust, high-end jewellery photography",
    "fine detail down to the smallest setting, an editorial finish",
    "clean highlights with nothing burnt out, ready for a luxury campaign",
    "rich contrast and finely graded reflections, fine jewellery photography",
};
constexpr Text kRings[] = {"ring", "band", "signet", "solitaire"};
constexpr Text kRingCompositions[] = {
    "the {thing} standing upright and turned a little to one side, with room all around",
    "the {thing} leaning at a slight angle so that the front faces the camera",
    "the {thing} a little below the centre with generous empty space above",
    "a three-quarter view at eye level with the {thing} filling a third of the frame",
    "a low view close to the {thing}, the rest of the frame left calm",
};
constexpr Text kNecklaces[] = {"necklace", "pendant", "chain", "choker", "locket", "medallion"};
constexpr Text kNecklaceCompositions[] = {
    "the {thing} laid in a loose curve that leads the eye through the frame",
    "the {thing} arranged in a clean, open loop seen from slightly above",
    "the {thing} running diagonally through the frame with room on both sides",
    "a close three-quarter view of the {thing} with the clasp out of sight",
    "the {thing} hanging straight and still in the middle of a calm frame",
};
constexpr Text kEarrings[] = {"earring", "stud", "hoop"};
constexpr Text kEarringCompositions[] = {
    "the {thing} side by side, one turned a few degrees to show the profile",
    "the {thing} hanging still and parallel in the middle of a calm frame",
    "the {thing} close together a little off centre with empty space beside",
    "a three-quarter view at eye level with the front of the {thing} in full focus",
    "the {thing} placed along a gentle diagonal, seen from slightly above",
};
constexpr Text kWatches[] = {"watch", "wristwatch", "chronograph"};
constexpr Text kWatchCompositions[] = {
    "the {thing} upright on {its} closed strap and facing the camera",
    "a three-quarter view of the {thing} that shows both dial and crown",
    "the {thing} lying flat and seen straight from above, the dial exactly level",
    "a tight view of the dial with the strap leaving the frame on both sides",
    "the {thing} a little off centre with calm space for words beside",
};
constexpr Text kWatchFinishes[] = {
    "a clear crystal without glare and hands sharp to the tip, fine watch photography",
    "brushed and mirrored steel told apart at a glance, an advertising finish",
    "every index and engraving legible, the finish of a watch catalogue",
    "smooth gradients along the case and nothing burnt out, an editorial finish",
};
constexpr Text kGems[] = {"gemstone", "gem",        "diamond", "sapphire", "ruby",     "rubies",
                          "emerald",  "opal",       "pearl",   "amethyst", "topaz",    "garnet",
                          "jade",     "aquamarine", "quartz",  "crystal",  "brilliant"};
constexpr Text kGemCompositions[] = {
    "the {thing} seen from slightly above so that the inside comes alive",
    "the {thing} filling the middle of the frame against an even ground",
    "a close view with each edge drawn sharply and a soft fall-off behind",
    "the {thing} a little off centre with generous empty space around",
    "a low view that lets light pass through from behind",
};
constexpr Text kGemFinishes[] = {
    "true colour and clean fire, the finish of a gem catalogue",
    "every facet crisp and free of dust, museum-quality macro photography",
    "lively sparkle with nothing burnt out, fine gem photography",
    "deep, clear tone and finely graded reflections, an editorial finish",
};
constexpr Text kJewels[] = {"jewelry", "jewellery", "jewel", "bracelet", "bangle", "brooch",
                            "tiara",   "anklet",    "charm", "cufflink", "crown"};
constexpr Text kJewelCompositions[] = {
    "the {thing} a little off centre with generous empty space around",
    "the {thing} laid in a gentle curve that leads the eye through the frame",
    "a three-quarter view at eye level with the front in full focus",
    "the {thing} seen from slightly above and filling half of the frame",
    "a close view with a calm, even ground",
};

// ---- Other products

constexpr Text kBeautySettings[] = {
    "standing on a round plinth of pale plaster", "standing on wet dark stone with fine drops of water",
    "set on rippled glass over a soft gradient",  "standing on pale terrazzo beside a single eucalyptus leaf",
    "set on smooth cream-coloured linen",         "standing in a shallow layer of clear water with gentle rings",
    "set against a seamless pastel backdrop",
};
constexpr Text kProductCameras[] = {
    "photographed with a 100 mm lens at f/11",
    "photographed with an 85 mm lens at f/8",
    "photographed with a 90 mm tilt-shift lens at f/11, all lines kept straight",
    "photographed with a 70 mm lens at f/9 from a tripod",
};
constexpr Text kProductCompositions[] = {
    "the {thing} centred at eye level with even space on all sides",
    "a three-quarter view that shows the front and one side of the {thing}",
    "the {thing} on the left third with calm space for words on the right",
    "a low view that gives the {thing} presence",
    "the {thing} filling two thirds of the frame with a simple outline",
};
constexpr Text kProductFinishes[] = {
    "clean edges and true colours, the finish of a product catalogue",
    "spotless surfaces and fine texture, commercial product photography",
    "crisp detail with smooth gradients, ready for a campaign",
    "natural contrast and nothing distracting, ready for a shop's front page",
    "finely graded tones, an editorial finish",
};
constexpr Text kCosmetics[] = {"cosmetic", "cream",      "lipstick",    "serum",       "lotion",    "makeup",
                               "mascara",  "foundation", "skincare",    "perfume",     "fragrance", "cologne",
                               "shampoo",  "soap",       "moisturizer", "moisturiser", "balm",      "eyeshadow",
                               "blush",    "toner",      "sunscreen"};
constexpr Text kBeautyFinishes[] = {
    "fresh, luminous tones and clean edges, beauty photography",
    "smooth gradients and true colours, the finish of a beauty campaign",
    "a crisp label and silky highlights, commercial product photography",
    "a light, clean look with fine texture, an editorial finish",
};
constexpr Text kServings[] = {"bowl", "plate", "platter"};
constexpr Text kContainers[] = {"cup",    "mug", "glass", "bowl", "plate", "platter",
                                "bottle", "jar", "pot",   "box",  "bag"};
constexpr Text kFoods[] = {
    "food",      "cake",     "bread",    "pasta",   "pizza", "burger",     "salad",        "soup",   "dish",
    "meal",      "dessert",  "cookie",   "pie",     "steak", "sushi",      "chocolate",    "fruit",  "cheese",
    "breakfast", "sandwich", "taco",     "curry",   "rice",  "noodle",     "croissant",    "pastry", "pastries",
    "pancake",   "muffin",   "berry",    "berries", "apple", "lemon",      "vegetable",    "tomato", "ramen",
    "brownie",   "donut",    "doughnut", "waffle",  "tart",  "strawberry", "strawberries", "egg",    "fish"};
constexpr Text kFoodSettings[] = {
    "served on a handmade stoneware plate on a rustic oak table",
    "served on dark slate with a few scattered crumbs",
    "on a linen-covered table with a single fork beside it",
    "on a pale marble counter dusted lightly with flour",
    "served on a worn baking sheet over a folded cotton cloth",
    "on a plain matte ceramic plate against a calm backdrop",
};
constexpr Text kFoodCameras[] = {
    "photographed with a 50 mm lens at f/4",
    "photographed with a 90 mm macro lens at f/5.6 and a soft blur behind",
    "photographed with an 85 mm lens at f/3.5",
    "photographed with a 60 mm macro lens at f/6.3",
};
constexpr Text kFoodCompositions[] = {
    "seen from the height of someone about to eat",
    "seen straight from above with everything neatly within the frame",
    "a close three-quarter view with the best part turned to the camera",
    "a little off centre with quiet space on one side",
    "close enough to see every crumb and drop",
};
constexpr Text kFoodFinishes[] = {
    "fresh, appetising colours and natural texture, the look of a cookbook",
    "glistening highlights and honest detail, editorial food photography",
    "natural tones and a homely feel, ready for a menu",
    "crisp texture where it matters and softness everywhere else, food photography",
};
constexpr Text kDrinks[] = {"drink",    "coffee",   "tea",       "cocktail",   "wine",   "beer",
                            "juice",    "espresso", "latte",     "cappuccino", "whisky", "whiskey",
                            "smoothie", "lemonade", "champagne", "gin"};
constexpr Text kDrinkSettings[] = {
    "on a dark walnut bar with a soft reflection",
    "on a small round marble table",
    "on a weathered wooden tray with a folded linen napkin",
    "on wet slate with a few drops around",
    "against a seamless backdrop that shades from light to dark",
};
constexpr Text kDrinkFinishes[] = {
    "clear liquid and fine drops on the surface, beverage photography",
    "glowing translucence and crisp edges, ready for a menu",
    "rich tone and honest detail, editorial food photography",
    "clean highlights with nothing burnt out, an advertising finish",
};
constexpr Text kShoes[] = {"shoe",   "sneaker", "boot",    "sandal", "heel",
                           "loafer", "trainer", "slipper", "pump",   "footwear"};
constexpr Text kShoeSettings[] = {
    "standing on a smooth concrete block",
    "standing on a seamless pale backdrop with a soft contact shadow",
    "standing on dark wet asphalt with a faint reflection",
    "standing on bleached oak boards",
    "standing on a low white plinth",
    "set against a plain plaster wall on a stone floor",
};
constexpr Text kShoeCompositions[] = {
    "a clean side view at ground level that shows the full outline",
    "a three-quarter view with the toe turned to the camera",
    "the {thing} arranged at a slight angle with calm space around",
    "a low view that gives the {thing} presence",
    "seen from slightly above with laces and stitching in full focus",
};
constexpr Text kFabricFinishes[] = {
    "visible grain and stitching, the finish of a fashion catalogue",
    "true colours and fine texture, commercial product photography",
    "crisp seams and natural folds, an editorial fashion finish",
    "clean edges and honest material, ready for a shop's front page",
};
constexpr Text kBags[] = {"bag", "handbag", "backpack", "tote", "suitcase", "briefcase", "satchel"};
constexpr Text kBagSettings[] = {
    "standing on a block of pale travertine",
    "standing on a seamless backdrop with a soft contact shadow",
    "standing on a low wooden bench before a plaster wall",
    "set on a smooth concrete plinth",
    "standing on a polished stone floor with a faint reflection",
};
constexpr Text kSmallBags[] = {"wallet", "clutch", "purse", "cardholder", "pouch"};
constexpr Text kClothes[] = {"dress",   "shirt", "jacket", "coat",       "suit",     "jeans",  "skirt",   "sweater",
                             "hoodie",  "scarf", "hat",    "glove",      "trousers", "blouse", "clothes", "clothing",
                             "fashion", "cap",   "tie",    "sunglasses", "glasses",  "belt",   "sock",    "kimono",
                             "sari",    "saree", "gown",   "onesie",     "romper"};
constexpr Text kClothesSettings[] = {
    "shown before a seamless pale backdrop",       "shown before a plain plaster wall",
    "laid out neatly on bleached wooden boards",   "shown in a bare loft with a concrete floor",
    "shown before a hand-painted canvas backdrop",
};
constexpr Text kClothesCompositions[] = {
    "the full outline in the frame with even space on all sides",
    "a close view of fabric and cut with a calm ground",
    "a three-quarter view that shows how the material falls",
    "the {thing} a little off centre with calm space beside",
};
constexpr Text kTextiles[] = {"blanket", "quilt", "pillow", "duvet", "towel", "curtain", "tablecloth", "bedspread"};
constexpr Text kTextileSettings[] = {
    "folded on a pale oak bench before a plain wall",
    "laid out neatly on bleached wooden boards",
    "arranged on smooth white linen",
    "before a plain plaster wall in a calm room",
};
constexpr Text kTextileCompositions[] = {
    "the full outline in the frame with even space on all sides",
    "a close view of weave and edge with a calm ground",
    "a three-quarter view that shows how the material falls",
    "the {thing} a little off centre with calm space beside",
};
constexpr Text kTextileFinishes[] = {
    "visible weave and soft folds, the look of a homeware catalogue",
    "true colours and fine texture, commercial product photography",
    "clean edges and honest material, ready for a shop's front page",
    "gentle contrast and natural folds, an editorial finish",
};
constexpr Text kFurniture[] = {"furniture", "chair",    "table",      "sofa",     "couch",   "desk", "lamp",
                               "armchair",  "shelf",    "shelves",    "bookcase", "cabinet", "bed",  "stool",
                               "bench",     "dresser",  "sideboard",  "ottoman",  "rug",     "vase", "mirror",
                               "cushion",   "wardrobe", "nightstand", "bookshelf"};
constexpr Text kFurnitureSettings[] = {
    "in a bright room with a plain plaster wall and an oak floor",
    "before a wall of pale limewash on a polished concrete floor",
    "in a spare, calm interior with one green plant",
    "before a seamless light backdrop with a soft contact shadow",
    "in an airy loft with tall windows and wide floorboards",
};
constexpr Text kRoomCameras[] = {
    "photographed with a 35 mm lens at f/8, verticals kept straight",
    "photographed with a 24 mm tilt-shift lens at f/11",
    "photographed with a 50 mm lens at f/8 from a tripod",
    "photographed with a 28 mm lens at f/9, level and true",
};
constexpr Text kFurnitureCompositions[] = {
    "a three-quarter view from standing height with room to breathe",
    "a straight front view with level lines",
    "the {thing} on one third of the frame with calm space beside",
    "a low view that shows the legs and the line of the {thing}",
};
constexpr Text kInteriorFinishes[] = {
    "natural materials and true colours, the look of an interiors magazine",
    "straight lines and open shadows, interior photography",
    "calm, balanced tones and honest texture, ready for a catalogue",
    "fine detail from front to back, an editorial finish",
};
constexpr Text kElectronics[] = {"phone",      "smartphone", "smartwatch",  "laptop",     "computer",
                                 "headphones", "headphone",  "earbud",      "camera",     "tablet",
                                 "keyboard",   "speaker",    "monitor",     "console",    "gadget",
                                 "drone",      "television", "electronics", "microphone", "router",
                                 "printer",    "charger",    "controller",  "turntable",  "radio"};
constexpr Text kElectronicsSettings[] = {
    "on a matte black surface with a faint reflection",  "on a smooth block of anodised aluminium",
    "on a clean light desk with nothing else around",    "against a seamless backdrop that shades from light to dark",
    "standing on frosted acrylic lit softly from below",
};
constexpr Text kElectronicsFinishes[] = {
    "crisp edges and smooth gradients, the finish of a product launch",
    "spotless glass and metal, commercial product photography",
    "precise detail and controlled reflections, an advertising finish",
    "a clean, modern look with true colours, ready for a shop's front page",
};
constexpr Text kVessels[] = {"cup",     "mug",       "bottle",  "jar",      "glass",  "bowl",    "plate",    "pot",
                             "candle",  "ceramic",   "pottery", "knife",    "knives", "pen",     "book",     "box",
                             "package", "packaging", "product", "tool",     "guitar", "violin",  "piano",    "umbrella",
                             "teapot",  "kettle",    "pan",     "notebook", "ball",   "board",   "ornament", "basket",
                             "tray",    "planter",   "coaster", "keychain", "wreath", "lantern", "hanging"};
constexpr Text kVesselSettings[] = {
    "on a smooth block of pale stone",
    "on a bleached oak table before a plain wall",
    "on a seamless light backdrop with a soft contact shadow",
    "on dark slate before a charcoal backdrop",
    "on a linen-covered table with a calm, blurred background",
    "on a low plaster plinth",
};
constexpr Text kToys[] = {"toy", "doll", "plush", "plushie", "teddy", "puzzle", "figurine", "rattle"};
constexpr Text kToyShapes[] = {"train", "car",  "truck",  "plane", "boat",  "bus",  "tractor",  "horse",  "animal",
                               "bear",  "duck", "rabbit", "house", "robot", "bike", "elephant", "camera", "kitchen"};
constexpr Text kVehicles[] = {"car",     "motorcycle", "bicycle", "bike",    "truck",      "motorbike",
                              "scooter", "van",        "vehicle", "boat",    "yacht",      "airplane",
                              "plane",   "train",      "bus",     "tractor", "convertible"};
constexpr Text kVehicleSettings[] = {
    "before an empty stretch of open country",
    "before a plain concrete wall",
    "before a quiet line of distant hills",
    "with a wide, empty foreground",
};
constexpr Text kVehicleCompositions[] = {
    "a three-quarter front view from knee height",
    "a clean side view with space ahead of the {thing}",
    "the {thing} small in a wide, calm frame",
    "a close view along the flank with the lines running out of the frame",
};
constexpr Text kVehicleCameras[] = {
    "photographed with a 50 mm lens at f/5.6",
    "photographed with an 85 mm lens at f/4",
    "photographed with a 35 mm lens at f/8",
    "photographed with a 135 mm lens at f/4 and a compressed distance",
};
constexpr Text kVehicleFinishes[] = {
    "clean reflections along every line, automotive photography",
    "rich contrast and true colours, an advertising finish",
    "fine detail and honest texture, an editorial finish",
    "crisp edges against a calm distance, ready for a campaign",
};

// ---- The living

constexpr Text kPortrait[] = {"portrait", "headshot", "selfie", "face"};
constexpr Text kPeople[] = {
    "man",       "men",       "woman",        "women",       "person",        "people",        "girl",      "boy",
    "child",     "children",  "model",        "bride",       "groom",         "couple",        "family",    "families",
    "baby",      "babies",    "dancer",       "chef",        "doctor",        "athlete",       "musician",  "lady",
    "ladies",    "gentleman", "grandmother",  "grandfather", "mother",        "father",        "nurse",     "teacher",
    "worker",    "artist",    "player",       "businessman", "businesswoman", "actor",         "actress",   "singer",
    "fisherman", "farmer",    "student",      "kid",         "toddler",       "newborn",       "infant",    "teenager",
    "grandma",   "grandpa",   "grandparents", "grandson",    "granddaughter", "grandchildren", "mom",       "mum",
    "dad",       "parents",   "daughter",     "son",         "brother",       "sister",        "sibling",   "twin",
    "friend",    "husband",   "wife",         "uncle",       "aunt",          "cousin",        "bridesmaid"};
constexpr Text kPeopleSettings[] = {
    "before a hand-painted canvas backdrop in muted tones",
    "before a plain plaster wall",
    "before a calm background that melts away",
    "before a seamless mid-grey backdrop",
    "in a bare, quiet room with a single tall window",
    "before softly blurred foliage",
};
constexpr Text kPeopleCameras[] = {
    "photographed with an 85 mm lens at f/1.8",
    "photographed with a 105 mm lens at f/2.8",
    "photographed with a 50 mm lens at f/2",
    "photographed with a 135 mm lens at f/2.8 and a creamy blur behind",
};
constexpr Text kPeopleCompositions[] = {
    "framed from the chest up with the eyes on the upper third",
    "a three-quarter pose with calm space on the side of the gaze",
    "framed from the waist up and a little off centre",
    "a simple, upright frame with nothing to distract",
    "the camera at eye level and close enough for connection",
};
constexpr Text kPeopleFinishes[] = {
    "natural skin texture and honest expression, editorial portrait photography",
    "true skin tones and finely graded shadows, a classic portrait",
    "sharp eyes and gentle transitions, fine art portraiture",
    "understated retouching and rich tone, the look of a magazine cover",
};
// People at what they do, and what they come together for.
constexpr Text kGatherings[] = {"party",      "parties",  "birthday",     "wedding", "picnic",     "christmas",
                                "graduation", "ceremony", "anniversary",  "reunion", "easter",     "halloween",
                                "school",     "hanukkah", "thanksgiving", "diwali",  "celebration"};
constexpr Text kGatheringSettings[] = {
    "with familiar faces close together",
    "with small, telling details in the foreground",
    "with enough of the place around to tell the story",
    "with soft, simple shapes behind",
};
constexpr Text kMomentLights[] = {
    "in soft, natural light from one side",
    "in bright, even light",
    "with light that falls softly on every face",
    "in warm, low light",
};
constexpr Text kMomentCameras[] = {
    "photographed with a 35 mm lens at f/2.8",
    "photographed with a 50 mm lens at f/2.8",
    "photographed with a 28 mm lens at f/4",
    "photographed with an 85 mm lens at f/2",
};
constexpr Text kMomentCompositions[] = {
    "an unposed moment seen from eye level",
    "the whole scene in one frame with room at the edges",
    "framed from a step back with the place around",
    "close enough to feel part of it",
};
constexpr Text kMomentFinishes[] = {
    "natural colours and honest expressions, documentary photography",
    "true skin tones and gentle contrast, ready for a family album",
    "lively detail and true colours, an editorial finish",
    "unhurried tones and a natural feel, ready to be printed and framed",
};
constexpr Text kPets[] = {"dog",     "cat",    "puppy",   "puppies",  "kitten",    "pet",     "rabbit",   "bunny",
                          "bunnies", "poodle", "hamster", "labrador", "retriever", "terrier", "dachshund"};
constexpr Text kPetLights[] = {
    "in soft window light from one side",
    "in open shade with soft light from the sky",
    "in low golden-hour sun with long, soft shadows",
    "in bright, even daylight",
    "with soft light from the front",
};
constexpr Text kPetCameras[] = {
    "photographed with an 85 mm lens at f/2",
    "photographed with a 50 mm lens at f/2.8",
    "photographed with a 135 mm lens at f/2.8",
    "photographed with a 70 mm lens at f/4",
};
constexpr Text kPetFinishes[] = {
    "fine detail in every hair, animal portraiture",
    "natural colours and catchlights in the eyes, ready for a frame on the wall",
    "sharp where it counts and soft everywhere else, an editorial finish",
    "honest texture and gentle contrast, a classic pet portrait",
};
constexpr Text kAnimals[] = {
    "animal",  "horse",   "bird",   "lion",     "tiger",  "bear",      "fox",         "foxes",       "owl",
    "eagle",   "wolf",    "wolves", "elephant", "deer",   "butterfly", "butterflies", "cow",         "sheep",
    "whale",   "dolphin", "parrot", "monkey",   "turtle", "penguin",   "goat",        "duck",        "bee",
    "leopard", "giraffe", "zebra",  "frog",     "snake",  "mouse",     "mice",        "hummingbird", "squirrel"};
constexpr Text kAnimalSettings[] = {
    "before softly blurred greenery",
    "with a distance that melts into broad, calm shapes",
    "among tall grasses out of focus",
    "with an uncluttered distance behind",
};
constexpr Text kAnimalCameras[] = {
    "photographed with a 200 mm lens at f/2.8",
    "photographed with a 135 mm lens at f/2.8",
    "photographed with an 85 mm lens at f/2.8",
    "photographed with a 300 mm lens at f/4",
};
constexpr Text kAnimalCompositions[] = {
    "the camera at the height of {its} eyes",
    "the {thing} on one third of the frame with space in the direction of the gaze",
    "a close frame of head and shoulders with the eyes in full focus",
    "the {thing} caught in a quiet, natural moment",
};
constexpr Text kAnimalFinishes[] = {
    "fine natural detail, wildlife photography",
    "natural colours and catchlights in the eyes, the look of a nature magazine",
    "sharp where it counts and soft everywhere else, animal portraiture",
    "honest texture and gentle contrast, an editorial finish",
};
constexpr Text kPlants[] = {"flower", "rose",   "bouquet", "plant",     "tulip",     "orchid", "tree",
                            "leaf",   "leaves", "cactus",  "succulent", "sunflower", "peony",  "peonies",
                            "lily",   "lilies", "daisy",   "daisies",   "mushroom",  "fern",   "lotus"};
constexpr Text kPlantSettings[] = {
    "before softly blurred greenery",
    "before a plain dark backdrop",
    "before a pale, even background",
    "with a distance that melts into broad, soft shapes",
};
constexpr Text kPlantCompositions[] = {
    "the {thing} a little off centre with quiet space around",
    "a close view that fills the frame with shape and texture",
    "seen from slightly below so that the form stands free",
    "a simple, graphic frame with one clear line",
};
constexpr Text kPlantFinishes[] = {
    "delicate texture and natural colours, botanical photography",
    "fine veins and crisp edges, the look of a nature magazine",
    "gentle transitions and true tone, fine art photography",
    "fresh detail with a quiet mood, an editorial finish",
};

// ---- Places

constexpr Text kLandscapes[] = {
    "landscape",   "mountain",  "lake",  "river",   "beach",    "beaches", "forest", "desert", "valley",  "ocean",
    "sea",         "waterfall", "field", "meadow",  "coast",    "island",  "hill",   "canyon", "glacier", "seascape",
    "countryside", "jungle",    "cliff", "volcano", "vineyard", "garden",  "park",   "sunset", "sunrise", "fjord"};
constexpr Text kLandscapeSettings[] = {
    "with a quiet foreground that leads into the distance",
    "with thin mist low over the ground",
    "with layers of distance fading into haze",
    "with still air and clear distance",
    "with a few stones and grasses close to the camera",
};
constexpr Text kLandscapeCameras[] = {
    "photographed with a 24 mm lens at f/11",
    "photographed with a 16 mm lens at f/11 close to the ground",
    "photographed with a 35 mm lens at f/8",
    "photographed with a 70 mm lens at f/11, the layers drawn together",
};
constexpr Text kLandscapeCompositions[] = {
    "the horizon on the upper third and a line that leads in",
    "the horizon on the lower third under a wide stretch of air",
    "foreground, middle and distance in clear layers",
    "one clear anchor on a third of the frame and calm all around",
    "a balanced frame that lets the eye wander",
};
constexpr Text kLandscapeFinishes[] = {
    "fine detail from front to back, fine art landscape photography",
    "natural colours and a wide tonal range, the look of a travel magazine",
    "rich texture and quiet contrast, ready for a large print",
    "clear air and true tone, a classic landscape",
};
constexpr Text kBuildings[] = {"building",  "house",     "architecture", "skyscraper", "bridge", "church",   "churches",
                               "castle",    "tower",     "temple",       "cathedral",  "villa",  "cabin",    "facade",
                               "farmhouse", "barn",      "cottage",      "mansion",    "chapel", "windmill", "museum",
                               "mosque",    "palace",    "lighthouse",   "stadium",    "city",   "cities",   "skyline",
                               "street",    "cityscape", "village",      "town",       "alley"};
constexpr Text kBuildingSettings[] = {
    "with a clean, uncluttered foreground",
    "with a few small figures for scale",
    "with wet ground that mirrors the lines",
    "with plain air behind the outline",
};
constexpr Text kBuildingCompositions[] = {
    "a straight frontal view with exact verticals",
    "a corner view with two lines running to the distance",
    "strong symmetry about the middle of the frame",
    "a low view along the lines of the structure",
};
constexpr Text kBuildingFinishes[] = {
    "straight lines and fine material detail, architectural photography",
    "crisp geometry and natural colours, the look of an architecture review",
    "a wide tonal range from shade to highlight, ready for a large print",
    "clean edges and quiet contrast, an editorial finish",
};
constexpr Text kRooms[] = {"interior",   "room",      "kitchen", "bedroom", "bathroom", "office",
                           "restaurant", "cafe",      "hotel",   "lobby",   "library",  "hallway",
                           "loft",       "apartment", "studio",  "shop",    "bakery"};
constexpr Text kRoomSettings[] = {
    "with tidy surfaces and a few well-chosen objects",
    "with natural materials and one green plant",
    "with a clear path for the eye through the room",
    "with open doors that show the depth beyond",
};
constexpr Text kRoomCompositions[] = {
    "a straight view of one wall with exact verticals",
    "a corner view from chest height that shows the depth",
    "a calm, symmetrical frame",
    "a view through a doorway that frames the scene",
};

// ---- Whatever it is

constexpr Text kAnySettings[] = {
    "in an uncluttered setting",
    "with a calm, simple background",
    "with nothing around to distract",
    "with a background that stays quiet",
};
constexpr Text kAnyCameras[] = {
    "photographed with a 50 mm lens at f/5.6",
    "photographed with an 85 mm lens at f/4",
    "photographed with a 35 mm lens at f/8",
    "photographed with a 70 mm lens at f/5.6",
};
constexpr Text kAnyCompositions[] = {
    "the subject a little off centre with room to breathe",
    "a clear subject and a simple, balanced frame",
    "the subject large in the frame with an easy outline",
    "a steady view at eye level",
    "one clear focal point and calm all around",
};
constexpr Text kAnyFinishes[] = {
    "natural colours and fine detail, professional photography",
    "crisp texture and true tone, an editorial finish",
    "a wide tonal range and clean edges, ready for print",
    "honest texture and quiet contrast, fine art photography",
    "sharp where it counts, with the look of a magazine",
};
constexpr Text kPlainFinishes[] = {
    "carefully composed and finely detailed", "with a clear focal point and a calm frame",
    "with every detail in its place",         "finished with care down to the corners",
    "with a strong, simple outline",          "with fine detail and an even balance",
    "quiet, precise and well balanced",       "with rich texture and a clear structure",
    "with depth from front to back",          "with detail that rewards a close look",
};

// ---- What a prompt says itself

constexpr Text kPlace[] = {
    "background", "backdrop",    "surface",  "studio",     "outdoors",   "outdoor",    "outside",  "indoors",  "indoor",
    "isolated",   "cutout",      "flat lay", "flatlay",    "underwater", "podium",     "pedestal", "plinth",   "bokeh",
    "scene",      "environment", "setting",  "surrounded", "floating",   "levitating", "flying",   "tabletop", "beach",
    "forest",     "street",      "kitchen",  "desert",     "jungle",     "mountains",  "garden",   "city",     "space",
    "sky",        "landscape",   "wearing",  "worn",       "held",       "holding",    "model"};
constexpr Text kBeforePlace[] = {"on",     "in",      "at",      "against",     "beside", "under", "over",
                                 "inside", "atop",    "upon",    "near",        "onto",   "among", "beneath",
                                 "above",  "between", "through", "across",      "behind", "into",  "within",
                                 "amid",   "along",   "next to", "in front of", "by the", "by a"};
constexpr Text kBeforeSideNote[] = {"with",      "of",   "for",  "by",   "wearing", "holding", "from",
                                    "featuring", "made", "worn", "held", "without", "like",    "inspired"};
constexpr Text kNoPlace[] = {"gold",   "silver", "platinum", "white", "black",    "red",   "blue",   "green",
                             "rose",   "yellow", "pink",     "brown", "grey",     "gray",  "night",  "dusk",
                             "dawn",   "sunset", "sunrise",  "noon",  "midnight", "style", "detail", "color",
                             "colour", "hd",     "4k",       "8k",    "high",     "macro", "focus",  "monochrome",
                             "sepia",  "bw",     "love",     "least", "once",     "all"};
constexpr Text kSurfaces[] = {"marble", "granite", "slate", "wood", "oak",      "walnut",   "velvet",
                              "silk",   "satin",   "linen", "sand", "concrete", "stone",    "leather",
                              "moss",   "grass",   "snow",  "ice",  "water",    "terrazzo", "table",
                              "desk",   "shelf",   "floor", "wall", "plaster",  "driftwood"};
constexpr Text kLight[] = {
    "light",    "lights",      "lighting",    "lit",        "backlit",     "backlight",   "sunlight", "sunlit",
    "sun",      "sunny",       "sunset",      "sunrise",    "golden hour", "blue hour",   "dawn",     "dusk",
    "twilight", "morning",     "evening",     "noon",       "midday",      "afternoon",   "daylight", "moonlight",
    "moonlit",  "candlelight", "candlelit",   "neon",       "softbox",     "spotlight",   "flash",    "shadow",
    "shadows",  "rim",         "low key",     "high key",   "dramatic",    "moody",       "bright",   "dark",
    "glow",     "glowing",     "chiaroscuro", "silhouette", "rembrandt",   "illuminated", "ambient",  "overcast",
    "lamp",     "day",         "radiant",     "airy",       "gloomy",      "fireplace",   "campfire", "underwater"};
constexpr Text kNight[] = {"night", "nighttime", "midnight", "nocturnal", "moonlight", "moonlit", "starry", "stars"};
constexpr Text kWeather[] = {"rain",   "rainy",    "raining", "snow",   "snowy",     "snowing", "fog",
                             "foggy",  "mist",     "misty",   "storm",  "stormy",    "cloud",   "clouds",
                             "cloudy", "overcast", "haze",    "hazy",   "clear",     "wind",    "windy",
                             "winter", "summer",   "autumn",  "spring", "underwater"};
constexpr Text kCamera[] = {"mm",
                            "lens",
                            "macro",
                            "aperture",
                            "telephoto",
                            "fisheye",
                            "wide angle",
                            "wideangle",
                            "tilt shift",
                            "dslr",
                            "shallow",
                            "depth of field",
                            "dof",
                            "focal",
                            "gopro",
                            "drone",
                            "aerial",
                            "iphone",
                            "canon",
                            "nikon",
                            "sony",
                            "leica",
                            "hasselblad",
                            "fujifilm",
                            "long exposure",
                            "shutter",
                            "polaroid",
                            "pinhole",
                            "in focus",
                            "out of focus",
                            "blurred",
                            "blurry",
                            "bokeh",
                            "satellite",
                            "microscope",
                            "security camera",
                            "lomography"};
constexpr Text kComposition[] = {
    "close up",    "closeup",       "top view",       "top down",      "flat lay",   "flatlay",     "overhead",
    "from above",  "from below",    "side view",      "front view",    "rear view",  "back view",   "centered",
    "centred",     "symmetrical",   "symmetry",       "wide shot",     "full body",  "full length", "half body",
    "bird s eye",  "birds eye",     "low angle",      "high angle",    "eye level",  "dutch angle", "rule of thirds",
    "composition", "profile",       "macro shot",     "aerial",        "drone view", "drone shot",  "panorama",
    "panoramic",   "three quarter", "headshot",       "extreme close", "isometric",  "waist up",    "medium shot",
    "minimal",     "minimalist",    "negative space", "pov",           "selfie",     "silhouette",  "wearing",
    "worn",        "held",          "holding",        "from behind"};
constexpr Text kFinish[] = {"vintage",     "retro",      "film",        "cinematic",      "analog",         "analogue",
                            "polaroid",    "sepia",      "hdr",         "pastel",         "colorful",       "colourful",
                            "vibrant",     "muted",      "faded",       "photorealistic", "hyperrealistic", "realistic",
                            "editorial",   "commercial", "advertising", "catalog",        "catalogue",      "magazine",
                            "documentary", "surreal",    "glitch",      "grainy",         "grain",          "4k",
                            "8k",          "hd",         "kodak",       "daguerreotype",  "cyberpunk",      "gothic",
                            "noir"};
constexpr Text kDrawing[] = {"painting",     "painted",       "watercolor",   "watercolour",
                             "illustration", "illustrated",   "sketch",       "drawing",
                             "drawn",        "cartoon",       "anime",        "manga",
                             "pixel art",    "3d render",     "3d rendering", "render",
                             "cgi",          "vector",        "logo",         "icon",
                             "poster",       "comic",         "engraving",    "woodcut",
                             "origami",      "claymation",    "clay",         "low poly",
                             "voxel",        "pencil",        "ink",          "charcoal drawing",
                             "gouache",      "pastels",       "mosaic",       "stained glass",
                             "collage",      "emoji",         "sticker",      "blueprint",
                             "infographic",  "oil on canvas", "fresco",       "impressionist",
                             "cubist",       "ukiyo e",       "concept art",  "digital art",
                             "line art"};
constexpr Text kMonochrome[] = {
    "black and white", "black white", "monochrome", "monochromatic", "grayscale", "greyscale", "b w", "bw", "noir",
    "sepia",           "duotone",     "infrared",   "daguerreotype", "tintype"};
constexpr Text kColour[] = {"colour", "colours",    "coloured", "golden",  "gold",    "warm",       "cool",
                            "amber",  "ivory",      "cream",    "pastel",  "green",   "skin tones", "greenery",
                            "blue",   "red",        "walnut",   "oak",     "vibrant", "fresh",      "appetising",
                            "tinted", "eucalyptus", "foliage",  "charcoal"};
constexpr Text kOrdering[] = {"please", "i",    "i'd",    "want",     "need", "would", "like", "can", "could",
                              "you",    "make", "create", "generate", "show", "give",  "take", "me",  "us"};
constexpr Text kPraising[] = {"a",     "an",   "the",    "some",   "nice",    "good",
                              "great", "cool", "lovely", "pretty", "perfect", "beautiful"};
constexpr Text kPictures[] = {"photo", "photos", "photograph", "picture", "pictures", "image", "images", "pic"};
constexpr Text kOtherLanguages[] = {
    "auf",  "und",    "mit",   "ein",    "eine",  "einem",   "einer",  "der", "das",  "bei",   "vor",   "im",
    "aus",  "nachts", "ohne",  "le",     "les",   "un",      "une",    "et",  "avec", "sur",   "dans",  "sous",
    "nuit", "el",     "los",   "las",    "una",   "con",     "sobre",  "en",  "del",  "noche", "il",    "lo",
    "gli",  "di",     "su",    "sul",    "della", "notte",   "om",     "em",  "uma",  "noite", "och",   "med",
    "pa",   "og",     "op",    "een",    "het",   "na",      "w",      "ve",  "bir",  "gece",  "yuzuk", "de",
    "nero", "noir",   "blanc", "bianco", "weiss", "schwarz", "weisser"};

// ---- What does not go together

constexpr Text kNightUnsaid[] = {"sun",     "sunrise", "daylight", "morning", "midday", "window",
                                 "windows", "bright",  "overcast", "sky",     "golden", "golden hour",
                                 "shade",   "airy",    "distance", "hazy",    "haze"};
constexpr Text kOpenSaid[] = {
    "outdoors", "outdoor", "outside", "beach",   "forest",   "street",     "desert", "jungle", "mountain", "mountains",
    "garden",   "field",   "meadow",  "park",    "sea",      "ocean",      "lake",   "river",  "snow",     "grass",
    "grasses",  "country", "hills",   "foliage", "sky",      "greenery",   "rain",   "sand",   "coast",    "lawn",
    "terrace",  "balcony", "leaves",  "woods",   "backyard", "playground", "puddle", "puddles"};
constexpr Text kOpenUnsaid[] = {"studio", "softbox", "softboxes", "window",   "windows",  "backdrop", "room", "octabox",
                                "lamps",  "card",    "cards",     "curtains", "overhead", "strip",    "wall", "loft"};
constexpr Text kIndoorSaid[] = {"windowsill", "sofa",   "couch",   "indoors",  "indoor", "inside",     "studio",
                                "kitchen",    "room",   "bedroom", "bathroom", "office", "restaurant", "cafe",
                                "backdrop",   "loft",   "museum",  "hotel",    "wall",   "background", "interior",
                                "podium",     "plinth", "canvas",  "bar",      "shop",   "gym"};
constexpr Text kIndoorUnsaid[] = {"sky",     "golden hour", "overcast", "open",    "backlit", "sunrise", "foliage",
                                  "grasses", "greenery",    "morning",  "country", "hills",   "asphalt"};
constexpr Text kHardSaid[] = {"hard", "harsh", "dramatic", "contrasty", "high contrast", "stark", "bold", "gritty"};
constexpr Text kHardUnsaid[] = {"soft",  "softly", "gentle", "gently",   "smooth", "diffused",
                                "quiet", "even",   "muted",  "delicate", "open"};
constexpr Text kSoftSaid[] = {"soft", "gentle", "dreamy", "diffused", "delicate", "serene"};
constexpr Text kSoftUnsaid[] = {"hard", "crisp", "deliberate", "raking", "strong", "bold", "rich"};
constexpr Text kDarkSaid[] = {"dark", "moody", "low key", "gloomy", "black", "gothic", "night"};
constexpr Text kDarkUnsaid[] = {"white", "bright", "airy", "pale", "ivory", "luminous", "fresh", "open", "cream"};
constexpr Text kBrightSaid[] = {"bright", "airy", "high key", "white", "light", "luminous"};
constexpr Text kBrightUnsaid[] = {"dark", "black", "deep", "charcoal", "moody", "deepens", "darkness"};
constexpr Text kMatteSaid[] = {"matte", "matt", "brushed", "rough", "rustic", "worn", "raw", "antique", "old"};
constexpr Text kMatteUnsaid[] = {"polish", "polished", "mirrored", "glossy", "flawless", "spotless", "glistening"};
constexpr Text kGlossSaid[] = {"glossy", "polished", "shiny", "gleaming", "mirror"};
constexpr Text kGlossUnsaid[] = {"matte", "worn", "weathered", "rustic"};
constexpr Text kSharpSaid[] = {"sharp", "deep focus", "everything in focus", "focus stacked"};
constexpr Text kSharpUnsaid[] = {"blur", "blurred", "softness", "melts", "creamy"};
constexpr Text kBlurSaid[] = {"blurred", "blurry", "soft focus", "shallow", "bokeh", "out of focus"};
constexpr Text kBlurUnsaid[] = {"stacked", "front", "crisp", "sharp"};
constexpr Text kWetSaid[] = {"dry", "desert", "arid"};
constexpr Text kWetUnsaid[] = {"wet", "water", "drops", "mist"};
constexpr Text kGreySaid[] = {"rain",  "rainy", "raining", "snowing", "fog",       "foggy",  "mist",
                              "misty", "storm", "stormy",  "cloud",   "clouds",    "cloudy", "overcast",
                              "haze",  "hazy",  "wind",    "windy",   "underwater"};
constexpr Text kWeatherUnsaid[] = {"sun",  "clear", "sunrise", "golden hour", "overcast",
                                   "mist", "haze",  "still",   "morning",     "dry"};
constexpr Text kColdSaid[] = {"cold", "iced", "ice", "frozen", "cool", "chilled", "raw"};
constexpr Text kColdUnsaid[] = {"warm", "steam", "glow", "golden hour"};
constexpr Text kWarmSaid[] = {"warm", "hot", "cozy", "cosy"};
constexpr Text kWarmUnsaid[] = {"cool", "cold", "wet"};
constexpr Text kWideSaid[] = {"close up", "closeup", "macro", "extreme close", "detail"};
constexpr Text kWideUnsaid[] = {"wide", "distance", "horizon", "room", "full"};
constexpr Text kBrokenSaid[] = {"broken", "cracked", "damaged", "dirty", "rusty", "dusty", "ruined", "abandoned"};
constexpr Text kBrokenUnsaid[] = {"flawless", "spotless", "clean", "fresh", "tidy", "luminous", "polish"};
constexpr Text kBusySaid[] = {"busy", "crowded", "cluttered", "chaotic", "crowd", "bustling", "maximalist"};
constexpr Text kBusyUnsaid[] = {"calm",  "quiet", "empty", "uncluttered", "simple",
                                "plain", "bare",  "still", "nothing",     "spare"};

constexpr Text kNatureSaid[] = {"mountain", "mountains", "lake", "desert", "forest", "ocean",  "sea",  "meadow",
                                "field",    "hills",     "wild", "jungle", "river",  "valley", "coast"};
constexpr Text kNatureUnsaid[] = {"lamp", "lamps", "lamplight", "key"};
constexpr Text kAsleepSaid[] = {"asleep", "sleeping", "sleeps", "napping", "nap", "eyes closed", "closed eyes"};
constexpr Text kAsleepUnsaid[] = {"eyes", "gaze", "catchlights", "expression", "expressions"};
constexpr Text kLowSunSaid[] = {"sunset", "sunrise", "dusk", "dawn", "golden hour", "blue hour"};
constexpr Text kStormSaid[] = {"storm", "stormy", "thunderstorm", "blizzard", "hurricane", "lightning"};
constexpr Text kStormUnsaid[] = {"shade", "sun", "sunrise", "daylight", "calm", "still", "quiet", "bright"};
constexpr Text kHotDrinkSaid[] = {"coffee", "espresso", "latte", "cappuccino", "tea", "cup", "mug"};
constexpr Text kHotDrinkUnsaid[] = {"translucence", "clear liquid"};
constexpr Text kContainedUnsaid[] = {"plate", "sheet", "fork"};
constexpr Text kTieredSaid[] = {"tier", "tiers", "tiered", "wedding"};
constexpr Text kTieredUnsaid[] = {"crumb", "crumbs", "flour", "sheet", "plate", "menu"};
constexpr Text kDrawingUnsaid[] = {"exposure",     "highlights", "camera",     "photography",
                                   "photographed", "photo",      "portraiture"};

constexpr Clash kClashes[] = {
    {kMonochrome, kColour},          {kNight, kNightUnsaid},
    {kOpenSaid, kOpenUnsaid, true},  {kIndoorSaid, kIndoorUnsaid, true},
    {kHardSaid, kHardUnsaid},        {kSoftSaid, kSoftUnsaid},
    {kDarkSaid, kDarkUnsaid},        {kBrightSaid, kBrightUnsaid},
    {kMatteSaid, kMatteUnsaid},      {kGlossSaid, kGlossUnsaid},
    {kSharpSaid, kSharpUnsaid},      {kBlurSaid, kBlurUnsaid},
    {kWetSaid, kWetUnsaid},          {kGreySaid, kWeatherUnsaid},
    {kColdSaid, kColdUnsaid},        {kWarmSaid, kWarmUnsaid},
    {kWideSaid, kWideUnsaid},        {kBrokenSaid, kBrokenUnsaid},
    {kBusySaid, kBusyUnsaid},        {kNatureSaid, kNatureUnsaid, true},
    {kAsleepSaid, kAsleepUnsaid},    {kLowSunSaid, kOpenUnsaid},
    {kStormSaid, kStormUnsaid},      {kHotDrinkSaid, kHotDrinkUnsaid},
    {kDrawing, kDrawingUnsaid},      {kTieredSaid, kTieredUnsaid},
    {kContainers, kContainedUnsaid},
};

constexpr Phrases kNone;

constexpr PhotoSubject kGathering{"scene",        kGatherings,         kGatheringSettings, kMomentLights,
                                  kMomentCameras, kMomentCompositions, kMomentFinishes};

// Where two words of a prompt stand side by side, the last is what it is about, whatever the order here.
constexpr PhotoSubject kSubjects[] = {
    {"", kRings, kJewelSettings, kSparkleLights, kMacroCameras, kRingCompositions, kJewelFinishes},
    {"", kNecklaces, kJewelSettings, kSparkleLights, kMacroCameras, kNecklaceCompositions, kJewelFinishes},
    {"", kEarrings, kJewelSettings, kSparkleLights, kMacroCameras, kEarringCompositions, kJewelFinishes},
    {"", kWatches, kJewelSettings, kStudioLights, kMacroCameras, kWatchCompositions, kWatchFinishes},
    {"", kGems, kJewelSettings, kSparkleLights, kMacroCameras, kGemCompositions, kGemFinishes},
    {"", kJewels, kJewelSettings, kSparkleLights, kMacroCameras, kJewelCompositions, kJewelFinishes},
    {"", kCosmetics, kBeautySettings, kStudioLights, kProductCameras, kProductCompositions, kBeautyFinishes},
    {"", kFoods, kFoodSettings, kTableLights, kFoodCameras, kFoodCompositions, kFoodFinishes, false, kServings},
    {"", kDrinks, kDrinkSettings, kTableLights, kFoodCameras, kProductCompositions, kDrinkFinishes},
    {"", kShoes, kShoeSettings, kStudioLights, kProductCameras, kShoeCompositions, kFabricFinishes},
    {"", kSmallBags, kVesselSettings, kStudioLights, kProductCameras, kProductCompositions, kFabricFinishes},
    {"", kBags, kBagSettings, kStudioLights, kProductCameras, kProductCompositions, kFabricFinishes},
    {"", kClothes, kClothesSettings, kStudioLights, kProductCameras, kClothesCompositions, kFabricFinishes},
    {"", kTextiles, kTextileSettings, kRoomLights, kProductCameras, kTextileCompositions, kTextileFinishes},
    {"", kFurniture, kFurnitureSettings, kRoomLights, kRoomCameras, kFurnitureCompositions, kInteriorFinishes},
    {"", kElectronics, kElectronicsSettings, kStudioLights, kProductCameras, kProductCompositions,
     kElectronicsFinishes},
    {"", kToys, kVesselSettings, kStudioLights, kProductCameras, kProductCompositions, kProductFinishes, false,
     kToyShapes},
    {"", kVessels, kVesselSettings, kStudioLights, kProductCameras, kProductCompositions, kProductFinishes},
    {"", kVehicles, kVehicleSettings, kOpenLights, kVehicleCameras, kVehicleCompositions, kVehicleFinishes},
    {"subject", kPeople, kPeopleSettings, kPortraitLights, kPeopleCameras, kPeopleCompositions, kPeopleFinishes, false,
     kNone, true, true},
    kGathering,
    {"", kPets, kAnimalSettings, kPetLights, kPetCameras, kAnimalCompositions, kPetFinishes, false, kNone, true},
    {"", kAnimals, kAnimalSettings, kOpenLights, kAnimalCameras, kAnimalCompositions, kAnimalFinishes, false, kNone,
     true},
    {"", kPlants, kPlantSettings, kOpenLights, kFoodCameras, kPlantCompositions, kPlantFinishes},
    {"scene", kLandscapes, kLandscapeSettings, kOpenLights, kLandscapeCameras, kLandscapeCompositions,
     kLandscapeFinishes, true},
    {"scene", kBuildings, kBuildingSettings, kOpenLights, kRoomCameras, kBuildingCompositions, kBuildingFinishes, true},
    {"room", kRooms, kRoomSettings, kRoomLights, kRoomCameras, kRoomCompositions, kInteriorFinishes, true},
};

constexpr PhotoSubject kAny{"subject", {}, kAnySettings, kPlainLights, kAnyCameras, kAnyCompositions, kAnyFinishes};

constexpr PhotoWords kWords{.plain_lights = kPlainLights,
                            .night_lights = kNightLights,
                            .plain_finishes = kPlainFinishes,
                            .place = kPlace,
                            .before_place = kBeforePlace,
                            .no_place = kNoPlace,
                            .surfaces = kSurfaces,
                            .before_side_note = kBeforeSideNote,
                            .containers = kContainers,
                            .light = kLight,
                            .night = kNight,
                            .weather = kWeather,
                            .camera = kCamera,
                            .composition = kComposition,
                            .finish = kFinish,
                            .drawing = kDrawing,
                            .portrait = kPortrait,
                            .other_languages = kOtherLanguages,
                            .ordering = kOrdering,
                            .praising = kPraising,
                            .pictures = kPictures};

}  // namespace

std::span<const PhotoSubject> photo_subjects() {
  return kSubjects;
}

const PhotoSubject& any_photo_subject() {
  return kAny;
}

const PhotoSubject& photo_moment() {
  return kGathering;
}

const PhotoWords& photo_words() {
  return kWords;
}

const Clash& monochrome_clash() {
  return kClashes[0];
}

std::span<const Clash> clashes() {
  return kClashes;
}

}  // namespace tintype
