CREATE TABLE IF NOT EXISTS `djddl`.`uk` (
`u` binary(16) NOT NULL COMMENT ":uuid:uuid key",
`e` enum('a','b') NOT NULL DEFAULT 'a' COMMENT ":enum('a','b'):enum in key",
`dt` datetime(3) NOT NULL COMMENT ":datetime(3):datetime key",
`note` varchar(255) NOT NULL DEFAULT '' COMMENT ":varchar(255):",
PRIMARY KEY (`u`, `e`, `dt`)
) ENGINE=InnoDB, COMMENT "uuid key parent"
