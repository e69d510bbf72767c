CREATE TABLE `source_pair` (
  `id_a` int(11) NOT NULL COMMENT 'source id',
  `id_b` int(11) NOT NULL COMMENT 'source id',
  `method` varchar(16) DEFAULT NULL COMMENT 'method name',
  `id` int(11) NOT NULL COMMENT 'source id',
  PRIMARY KEY (`id_a`,`id_b`),
  UNIQUE KEY `id` (`id`),
  KEY `id_b` (`id_b`),
  KEY `method` (`method`),
  CONSTRAINT `source_pair_ibfk_1` FOREIGN KEY (`id_a`) REFERENCES `source` (`id`) ON UPDATE CASCADE,
  CONSTRAINT `source_pair_ibfk_2` FOREIGN KEY (`id_b`) REFERENCES `source` (`id`) ON UPDATE CASCADE,
  CONSTRAINT `source_pair_ibfk_3` FOREIGN KEY (`method`) REFERENCES `#method` (`method`) ON UPDATE CASCADE,
  CONSTRAINT `source_pair_ibfk_4` FOREIGN KEY (`id`) REFERENCES `_source_info` (`id`) ON UPDATE CASCADE
) ENGINE=InnoDB COMMENT='renamed foreign keys in the primary key'
