CREATE TABLE IF NOT EXISTS `hazards`.`hazard` (
`id` int NOT NULL COMMENT ":int32:%s %d %% {x} {0} {{}}",
`ratio` double NOT NULL COMMENT ":float64:in % of \"all\" \\ none",
`kind` enum("x","it's","b:c#d") NOT NULL COMMENT ":enum(\"x\",\"it's\",\"b:c#d\"):a \"kind\": one",
`mode` enum('a:b', 'c''d') NOT NULL DEFAULT 'a:b' COMMENT ":enum('a:b', 'c''d'):",
PRIMARY KEY (`id`)
) ENGINE=InnoDB, COMMENT "100% of {database}: \"quoted\", it's, C:\\temp, ? and # too"
