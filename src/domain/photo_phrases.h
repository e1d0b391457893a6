// The words of photo_prompt.h: what photographers say of their pictures, by kinds of subjects, and which words go ill
// together. A phrase continues a prompt after a comma. In it {thing} is what the prompt calls its subject, {its} "its"
// or "their".
#pragma once

#include <span>
#include <string_view>

namespace tintype {

using Phrases = std::span<const std::string_view>;

// A kind of subject. What it has no phrases for is left unsaid.
struct PhotoSubject {
  std::string_view noun;  // in place of the prompt's own word; empty: that word is taken
  Phrases words;          // it is known by, in the singular where they have one
  Phrases settings;       // where it is: at most one in a prompt
  Phrases lights;
  Phrases cameras;
  Phrases compositions;
  Phrases finishes;
  bool is_a_place = false;  // its settings are weather and foreground, which a place of the prompt's own does not end
  Phrases servings = {};    // right behind it they are what it comes in, "ramen bowl", or what it shows: "toy train"
  bool is_living = false;   // what follows what it does is not what the prompt is about: "girl eating cake"
  bool is_human = false;    // at what it does it is photo_moment()
};

std::span<const PhotoSubject> photo_subjects();
const PhotoSubject& any_photo_subject();  // of prompts that none of them is found in
const PhotoSubject& photo_moment();       // of them: people at what they do

// Phrases for what the prompt has said itself, which hold beside whatever it was, and the words (lower case, without
// accents and punctuation) by which it does.
struct PhotoWords {
  Phrases plain_lights, night_lights;
  Phrases plain_finishes;    // more than variants of a prompt, and true of drawn pictures too
  Phrases place;             // nouns and the like
  Phrases before_place;      // what follows is a place, but where it is one of the next
  Phrases no_place;          // colours, materials, times: "in gold", "at night"
  Phrases surfaces;          // places where nothing of them follows: "ring, marble", not "marble statue"
  Phrases before_side_note;  // what follows is not what the prompt is about,
  Phrases containers;        // but for what is in one of these: "cup of tea"
  Phrases light, night, weather, camera, composition, finish;
  Phrases drawing;   // it is to be no photograph
  Phrases portrait;  // of somebody, where nothing else is found
  Phrases other_languages;
  Phrases ordering, praising, pictures;  // "make me", "a nice", "photo"
};
const PhotoWords& photo_words();

// Where any of `said` stands, none of `unsaid` is added.
struct Clash {
  Phrases said, unsaid;
  bool is_place = false;  // it holds too where a setting of ours says it
};
const Clash& monochrome_clash();  // of the clashes
std::span<const Clash> clashes();

}  // namespace tintype
